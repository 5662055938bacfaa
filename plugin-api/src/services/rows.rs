//! The rows of a query, one after the other.

use super::{CallError, Cell, read_cell::CellReader};
use crate::slice::{Limits, RowScan, SliceError};

/// The rows of a query that were received, each decoded when it is asked for.
///
/// Until then they take the memory of their bytes. After an error there are no more rows.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Cell, Page, Query}};
///
/// /// The longest name of an image, of which there may be millions.
/// fn longest(session: &Session) -> Result<usize, CallError> {
///     let hql = "select i.name from Image i";
///     let mut longest = 0;
///     for row in Query::of(session)?.rows(hql, &[], Page::default(), true)? {
///         if let [Cell::Text(name)] = row?.as_slice() {
///             longest = longest.max(name.len());
///         }
///     }
///     Ok(longest)
/// }
/// # use omero_plugin_api::{services::query, testing::{Answer, FakeSession}};
/// # let rows = ["a.tif", "bee.tif"].map(|name| vec![Cell::Text(name.into())]);
/// # let fake = FakeSession::new().reply(&query::PROJECTION, Answer::rows(&rows));
/// # assert_eq!(longest(&fake.session())?, 7);
/// # Ok::<(), CallError>(())
/// ```
pub struct Rows {
    scan: RowScan,
    cells: CellReader,
    /// How many bytes all rows together may take.
    kept_limit: usize,
    failed: bool,
}

impl Rows {
    /// Reads the encapsulation of a reply to a projection.
    ///
    /// # Errors
    ///
    /// It is not such a reply. Only the first bytes are looked at, unless the reply is in another
    /// format than servers use.
    ///
    /// ```
    /// use omero_plugin_api::{services::{Cell, Rows}, slice::{Encoding, Graph, Type, Value, encode}};
    ///
    /// let mut graph = Graph::new();
    /// let rows = Value::Seq(vec![Value::Seq(vec![graph.rlong(51)])]);
    /// let ty = Type::parse("seq<seq<@::omero::RType>>")?;
    /// let reply = encode(Encoding::V1_1, &[(&ty, &rows)], &graph)?;
    ///
    /// let mut rows = Rows::read(reply)?;
    /// assert_eq!(rows.next().transpose()?, Some(vec![Cell::Integer(51)]));
    /// assert!(rows.next().is_none());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn read(encapsulation: Vec<u8>) -> Result<Self, CallError> {
        let length = encapsulation.len();
        let scan = RowScan::new(encapsulation, &super::query::PROJECTION.output_types()?)?;
        Ok(Self {
            scan,
            cells: CellReader::new(Limits::for_reply(length).max_bytes),
            kept_limit: Limits::for_rows(length).max_bytes,
            failed: false,
        })
    }

    /// All rows that are left.
    ///
    /// # Errors
    ///
    /// They are malformed, or take too much memory.
    pub(super) fn collect_all(mut self) -> Result<Vec<Vec<Cell>>, CallError> {
        self.cells.limit_to(self.kept_limit);
        let mut rows = Vec::with_capacity(self.scan.left());
        while let Some(row) = self.next_row()? {
            rows.push(row);
        }
        Ok(rows)
    }

    fn next_row(&mut self) -> Result<Option<Vec<Cell>>, SliceError> {
        if !self.scan.next_row()? {
            return Ok(None);
        }
        self.cells
            .cells(self.scan.graph(), self.scan.row())
            .map(Some)
    }
}

impl Iterator for Rows {
    type Item = Result<Vec<Cell>, CallError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.failed {
            return None;
        }
        self.cells.start_again();
        let row = self.next_row();
        self.failed = row.is_err();
        row.map_err(CallError::from).transpose()
    }

    /// The server says how many rows there are, which may turn out not to be true.
    fn size_hint(&self) -> (usize, Option<usize>) {
        match self.failed {
            true => (0, Some(0)),
            false => (0, Some(self.scan.left())),
        }
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows")
            .field("left", &self.scan.left())
            .finish_non_exhaustive()
    }
}
