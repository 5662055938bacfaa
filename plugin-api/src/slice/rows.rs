//! Rows of references, read one after the other.

use super::budget::{Budget, Lease};
use super::decode::{decode_all, plans};
use super::plan::Plan;
use super::read_value::read_value;
use super::reader::Reader;
use super::scan::Scan;
use super::slots::Slots;
use super::source::Source;
use super::{
    Encoding, Graph, Limits, SliceError, Type, Value, decode::Decoded, encapsulation, optional,
};

/// Reads a reply of type `seq<seq<@C>>` row by row.
///
/// The bytes are kept, and where the instances are in them, because later rows may refer to the
/// instances of earlier ones. The rows are not kept.
pub(crate) struct RowScan {
    plans: Vec<Plan>,
    limits: Limits,
    graph: Graph,
    rows: Rows,
    /// How many rows were read.
    count: usize,
    /// The cells of the last row.
    row: Vec<Value>,
}

enum Rows {
    /// In the compact format of encoding 1.1: where the next row starts, and how many follow.
    Scanned { scan: Scan, at: usize, left: usize },
    /// In another format, decoded at once.
    Decoded(std::vec::IntoIter<Value>),
}

impl RowScan {
    pub(crate) fn new(encapsulation: Vec<u8>, types: &[Type]) -> Result<Self, SliceError> {
        let limits = Limits::for_reply(encapsulation.len());
        let plans = plans(types);
        let (encoding, mut reader) = encapsulation::open(&encapsulation, &limits)?;
        let head = match plans.as_slice() {
            [Plan::Seq(rows)] if encoding == Encoding::V1_1 => reader
                .count(rows.min_size(encoding))
                .ok()
                .map(|left| (reader.pos(), left)),
            _ => None,
        };
        let mut this = Self {
            plans,
            limits,
            graph: Graph::new(),
            rows: Rows::Decoded(Vec::new().into_iter()),
            count: 0,
            row: Vec::new(),
        };
        let Some((at, left)) = head else {
            this.decode_all(&encapsulation)?;
            return Ok(this);
        };
        this.rows = Rows::Scanned {
            scan: Scan::default(),
            at,
            left,
        };
        let lease = lease(encapsulation.len(), &limits)?;
        let source = Source::new(encapsulation, Slots::default(), limits, lease);
        this.graph = Graph::from_source(source);
        Ok(this)
    }

    /// How many rows follow.
    pub(crate) fn left(&self) -> usize {
        match &self.rows {
            Rows::Scanned { left, .. } => *left,
            Rows::Decoded(rows) => rows.len(),
        }
    }

    /// The graph that belongs to the rows that were read.
    pub(crate) const fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The cells of the row that was read last.
    pub(crate) fn row(&self) -> &[Value] {
        &self.row
    }

    /// Reads the next row; false when there is none.
    pub(crate) fn next_row(&mut self) -> Result<bool, SliceError> {
        if let Rows::Scanned { .. } = self.rows {
            match self.scan_row() {
                Ok(found) => return Ok(found),
                Err(error) if error.is_memory_limit() => return Err(error),
                // It may be in another format. If it is malformed, the decoder says how.
                Err(_) => {
                    let bytes = self.graph.take_bytes();
                    self.decode_all(&bytes)?;
                }
            }
        }
        let Rows::Decoded(rows) = &mut self.rows else {
            return Ok(false);
        };
        let Some(row) = rows.next() else {
            return Ok(false);
        };
        let Value::Seq(cells) = row else {
            return Err(row.is_not("Seq"));
        };
        self.count += 1;
        self.row = cells;
        Ok(true)
    }

    fn scan_row(&mut self) -> Result<bool, SliceError> {
        let Self {
            plans,
            limits,
            graph,
            rows: Rows::Scanned { scan, at, left },
            count,
            row,
        } = self
        else {
            return Ok(false);
        };
        let Some(source) = graph.source_mut() else {
            return Ok(false);
        };
        let mut reader = Reader::new(&source.bytes, limits);
        reader.seek(*at)?;
        if *left == 0 {
            optional::skip_to_end(&mut reader)?;
            return Ok(false);
        }
        let Some(Plan::Seq(rows)) = plans.first() else {
            return Ok(false);
        };
        // The slots are the scan's while it runs, and the graph's while the cells are read.
        std::mem::swap(&mut scan.slots, &mut source.slots);
        let read = read_value(&mut reader, Encoding::V1_1, &rows.plan, scan);
        std::mem::swap(&mut scan.slots, &mut source.slots);
        let Value::Seq(cells) = read? else {
            return Ok(false);
        };
        *row = cells;
        *at = reader.pos();
        *left -= 1;
        *count += 1;
        Ok(true)
    }

    /// Decodes the reply at once, and passes over the rows that were read before.
    fn decode_all(&mut self, encapsulation: &[u8]) -> Result<(), SliceError> {
        let Decoded { values, graph } = decode_all(encapsulation, &self.plans, &self.limits)?;
        let rows = match values.into_iter().next() {
            Some(Value::Seq(rows)) => rows,
            Some(other) => return Err(other.is_not("Seq")),
            None => Vec::new(),
        };
        let mut rows = rows.into_iter();
        rows.by_ref().take(self.count).for_each(drop);
        self.rows = Rows::Decoded(rows);
        self.graph = graph;
        Ok(())
    }
}

fn lease(bytes: usize, limits: &Limits) -> Result<Lease, SliceError> {
    let mut budget = Budget::new(limits);
    budget.charge(bytes)?;
    Ok(budget.into_lease())
}
