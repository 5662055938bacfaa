//! References to remote objects.

mod parts;

use self::parts::Parts;
use super::reader::Reader;
use super::writer::Writer;
use super::{Encoding, Endpoint, Identity, Limits, SliceError};

/// How a proxy wants to be called.
///
/// ```
/// use omero_plugin_api::slice::{Mode, Proxy};
///
/// /// Whether a call through the proxy has an answer to wait for.
/// fn answers(proxy: &Proxy) -> bool {
///     proxy.mode() == Mode::Twoway
/// }
/// # let service = omero_plugin_api::testing::FakeSession::new().session().service("")?;
/// # assert!(answers(&service));
/// # Ok::<(), omero_plugin_api::services::CallError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Default)]
pub enum Mode {
    /// Request and reply.
    #[default]
    Twoway,
    /// Request only.
    Oneway,
    /// Requests only, several in one message.
    BatchOneway,
    /// Datagram.
    Datagram,
    /// Several requests in one datagram.
    BatchDatagram,
}

/// A proxy that is not null.
///
/// It keeps the bytes it came in: what goes back to the server is exactly what the server sent,
/// whatever transports it mentions. A null proxy is `None` wherever one may occur.
///
/// ```
/// use omero_plugin_api::{Session, services::{CallError, Operation}, slice::{Graph, Proxy}};
///
/// /// Of `ServiceFactory`: its result is a proxy of its own, which may be null.
/// const CREATE_THUMBNAILS: Operation =
///     Operation::normal("createThumbnailStore", &[], &["prx(::omero::api::ThumbnailStore)"]);
///
/// fn thumbnails(session: &Session) -> Result<Option<Proxy>, CallError> {
///     let factory = session.service("")?;
///     let reply = session.call(&factory, &CREATE_THUMBNAILS, &[], &Graph::new())?;
///     Ok(reply.values[0].as_proxy()?.cloned())
/// }
/// # use omero_plugin_api::testing::{Answer, FakeSession};
/// # let fake = FakeSession::new().reply(&CREATE_THUMBNAILS, Answer::proxy("thumbnails-1"));
/// # let store = thumbnails(&fake.session())?;
/// # assert_eq!(store.map(|store| store.identity.name).as_deref(), Some("thumbnails-1"));
/// # Ok::<(), CallError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Proxy {
    /// Which object it refers to.
    pub identity: Identity,
    raw: Vec<u8>,
    encoding: Encoding,
}

impl Proxy {
    /// A twoway proxy for the default facet, in encoding 1.1; without endpoints it is well-known.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    ///
    /// let endpoints = vec![Endpoint::ssl("omero.example.org", 4064)];
    /// let router = Proxy::new(Identity::new("OMERO.Glacier2", "router"), endpoints);
    /// assert_eq!(router.identity.name, "router");
    /// assert_eq!((router.facet(), router.secure()), (None, false));
    /// ```
    #[must_use]
    pub fn new(identity: Identity, endpoints: Vec<Endpoint>) -> Self {
        let parts = Parts {
            endpoints,
            ..Parts::default()
        };
        parts.into_proxy(identity, Encoding::V1_1)
    }

    /// A twoway proxy that is reached through an object adapter by name.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Identity, Proxy};
    ///
    /// let query = Proxy::with_adapter(Identity::new("", "omero.api.IQuery"), "Blitz-0.BlitzAdapter");
    /// assert!(query.endpoints().is_empty()); // a locator knows where the adapter is
    /// assert_eq!(query.adapter_id().as_deref(), Some("Blitz-0.BlitzAdapter"));
    /// ```
    pub fn with_adapter(identity: Identity, adapter_id: impl Into<String>) -> Self {
        let parts = Parts {
            adapter_id: adapter_id.into(),
            ..Parts::default()
        };
        parts.into_proxy(identity, Encoding::V1_1)
    }

    /// Reads the bytes of a proxy in encoding 1.1, as [`Self::to_bytes`] gives them.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let proxy = Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new());
    /// assert_eq!(Proxy::from_bytes(&proxy.to_bytes())?, proxy);
    /// assert!(Proxy::from_bytes(b"\0\0").is_err()); // the null proxy
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, SliceError> {
        Self::from_bytes_in(Encoding::V1_1, bytes)
    }

    /// Reads the bytes of a proxy in the given encoding.
    ///
    /// ```
    /// use omero_plugin_api::slice::{Encoding, Proxy};
    ///
    /// // Encoding 1.0: name, category, no facet, twoway, not secure, no endpoints, no adapter.
    /// let old = Proxy::from_bytes_in(Encoding::V1_0, b"\x05admin\0\0\0\0\0\0")?;
    /// assert_eq!(old.identity.name, "admin");
    /// assert_eq!(old.encoding(), Encoding::V1_0);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    pub fn from_bytes_in(encoding: Encoding, bytes: &[u8]) -> Result<Self, SliceError> {
        let mut reader = Reader::new(bytes, &Limits::default());
        let proxy = Self::read(&mut reader, encoding)?;
        reader.expect_end()?;
        proxy.ok_or(SliceError::InvalidProxy {
            offset: 0,
            problem: "it is null",
        })
    }

    /// The bytes exactly as received, in [`Self::encoding`].
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let endpoints = vec![Endpoint::tcp("localhost", 4063)];
    /// let proxy = Proxy::new(Identity::new("", "omero.api.IAdmin"), endpoints);
    /// // To be kept, and used by a later command.
    /// let kept = proxy.to_bytes();
    /// assert_eq!(Proxy::from_bytes_in(proxy.encoding(), &kept)?, proxy);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer, self.encoding);
        writer.into_bytes()
    }

    /// The encoding of the bytes.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// # use omero_plugin_api::slice::Encoding;
    /// let proxy = Proxy::new(Identity::new("", "omero.api.IAdmin"), Vec::new());
    /// assert_eq!(proxy.encoding(), Encoding::V1_1);
    /// ```
    #[must_use]
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The same endpoints and options, but another object.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let endpoints = vec![Endpoint::ssl("omero.example.org", 4064)];
    /// let factory = Proxy::new(Identity::new("0a1b2c3d", "ServiceFactory"), endpoints);
    /// let admin = factory.with_identity(Identity::new("0a1b2c3d", "omero.api.IAdmin"));
    /// assert_eq!(admin.identity.to_string(), "0a1b2c3d/omero.api.IAdmin");
    /// assert_eq!(admin.endpoints(), factory.endpoints());
    /// ```
    #[must_use]
    pub fn with_identity(&self, identity: Identity) -> Self {
        Self {
            identity,
            raw: self.raw.clone(),
            encoding: self.encoding,
        }
    }

    /// The same proxy in another encoding.
    ///
    /// Endpoints of unknown transports can not be translated and are left out.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// # use omero_plugin_api::slice::Encoding;
    /// let endpoints = vec![Endpoint::tcp("localhost", 4063)];
    /// let proxy = Proxy::new(Identity::new("", "omero.api.IAdmin"), endpoints);
    /// let old = proxy.to_encoding(Encoding::V1_0);
    /// assert_ne!(old.to_bytes(), proxy.to_bytes());
    /// assert_eq!(old.endpoints(), proxy.endpoints());
    /// ```
    #[must_use]
    pub fn to_encoding(&self, encoding: Encoding) -> Self {
        if encoding == self.encoding {
            return self.clone();
        }
        let mut parts = self.parts();
        parts.endpoints.retain(|endpoint| !endpoint.is_opaque());
        // Encoding 1.0 does not say which encoding its object speaks: then it is 1.0.
        parts.invocation = Some(parts.invocation.unwrap_or([1, 0, 1, 0]));
        parts.into_proxy(self.identity.clone(), encoding)
    }

    /// The facet, when it is not the default one.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// // A facet of Ice's own `admin` object.
    /// let process = Proxy::from_bytes(b"\x05admin\0\x01\x07Process\0\0\x01\0\x01\x01\0\0")?;
    /// assert_eq!(process.facet().as_deref(), Some("Process"));
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn facet(&self) -> Option<String> {
        self.parts().facet
    }

    /// How it wants to be called.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// # use omero_plugin_api::slice::Mode;
    /// // Heartbeats want no answer.
    /// let listener = Proxy::from_bytes(b"\x05beats\0\0\x01\0\x01\0\x01\x01\0\0")?;
    /// assert_eq!(listener.mode(), Mode::Oneway);
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.parts().mode
    }

    /// Whether it insists on secure endpoints.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let careful = Proxy::from_bytes(b"\x05admin\0\0\0\x01\x01\0\x01\x01\0\0")?;
    /// assert!(careful.secure());
    /// # Ok::<(), omero_plugin_api::Error>(())
    /// ```
    #[must_use]
    pub fn secure(&self) -> bool {
        self.parts().secure
    }

    /// Where the object can be reached.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let both = vec![Endpoint::ssl("localhost", 4064), Endpoint::tcp("localhost", 4063)];
    /// let proxy = Proxy::new(Identity::new("", "omero.api.IAdmin"), both);
    /// let ports: Vec<_> = proxy.endpoints().into_iter().filter_map(|endpoint| match endpoint {
    ///     Endpoint::Tcp(ip) | Endpoint::Ssl(ip) => Some(ip.port),
    ///     _ => None,
    /// }).collect();
    /// assert_eq!(ports, [4064, 4063]);
    /// ```
    #[must_use]
    pub fn endpoints(&self) -> Vec<Endpoint> {
        self.parts().endpoints
    }

    /// The object adapter of an indirect proxy.
    ///
    /// ```
    /// # use omero_plugin_api::slice::{Endpoint, Identity, Proxy};
    /// let identity = Identity::new("", "omero.api.IAdmin");
    /// let indirect = Proxy::with_adapter(identity.clone(), "Blitz-0.BlitzAdapter");
    /// assert_eq!(indirect.adapter_id().as_deref(), Some("Blitz-0.BlitzAdapter"));
    /// assert_eq!(Proxy::new(identity, Vec::new()).adapter_id(), None);
    /// ```
    #[must_use]
    pub fn adapter_id(&self) -> Option<String> {
        Some(self.parts().adapter_id).filter(|id| !id.is_empty())
    }

    pub(super) fn read(
        reader: &mut Reader<'_>,
        encoding: Encoding,
    ) -> Result<Option<Self>, SliceError> {
        let identity = Identity::read(reader)?;
        if identity.name.is_empty() {
            if identity.category.is_empty() {
                return Ok(None);
            }
            let problem = "a null proxy with a category";
            return Err(SliceError::InvalidProxy {
                offset: reader.pos(),
                problem,
            });
        }
        let start = reader.pos();
        Parts::read(reader, encoding)?;
        let raw = reader.between(start, reader.pos());
        reader.charge(raw.len())?;
        Ok(Some(Self {
            identity,
            raw: raw.to_vec(),
            encoding,
        }))
    }

    pub(super) fn write(&self, writer: &mut Writer, encoding: Encoding) {
        self.identity.write(writer);
        if encoding == self.encoding {
            writer.bytes(&self.raw);
        } else {
            writer.bytes(&self.to_encoding(encoding).raw);
        }
    }

    /// The bytes were checked when the proxy was made, so this does not fail.
    fn parts(&self) -> Parts {
        let mut reader = Reader::new(&self.raw, &Limits::default());
        Parts::read(&mut reader, self.encoding).unwrap_or_default()
    }
}
