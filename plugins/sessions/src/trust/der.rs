//! The public key of an X.509 certificate of any version.
//!
//! The TLS library's parser takes version 3 certificates only, but servers that were set up long
//! ago show version 1 ones (RFC 5280 section 4.1 gives the layout). Only the way to the key is
//! read; nothing else in such a certificate is believed.

/// The parts of a certificate's SubjectPublicKeyInfo.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct PublicKey<'a> {
    /// The whole structure.
    pub(super) der: &'a [u8],
    /// The contents of its AlgorithmIdentifier.
    pub(super) algorithm: &'a [u8],
    /// The key itself.
    pub(super) key: &'a [u8],
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const SEQUENCE: u8 = 0x30;
const VERSION: u8 = 0xa0;

/// Contents of the AlgorithmIdentifier of RSA keys: rsaEncryption, NULL.
const RSA: [u8; 13] = [
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00,
];

impl<'a> PublicKey<'a> {
    /// Finds the key in a certificate; `None` if it is malformed on the way there.
    pub(super) fn of_certificate(certificate: &'a [u8]) -> Option<Self> {
        let certificate = Element::only(certificate, SEQUENCE)?;
        let (mut fields, _signature) = Element::first(certificate.contents)?;
        if fields.tag != SEQUENCE {
            return None;
        }
        if fields.contents.first() == Some(&VERSION) {
            fields.contents = Element::first(fields.contents)?.1;
        }
        // Serial number, signature algorithm, issuer, validity, subject.
        for tag in [INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE] {
            let (skipped, rest) = Element::first(fields.contents)?;
            if skipped.tag != tag {
                return None;
            }
            fields.contents = rest;
        }
        Self::of_info(Element::first(fields.contents)?.0)
    }

    fn of_info(info: Element<'a>) -> Option<Self> {
        let (algorithm, rest) = Element::first(info.contents)?;
        let bits = Element::only(rest, BIT_STRING)?;
        // The first byte counts unused bits: keys have none.
        let key = bits.contents.strip_prefix(&[0])?;
        let sound = info.tag == SEQUENCE && algorithm.tag == SEQUENCE;
        sound.then_some(Self {
            der: info.whole,
            algorithm: algorithm.contents,
            key,
        })
    }

    /// The size of an RSA key in bits; `None` for keys of another kind.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        if self.algorithm != RSA {
            return None;
        }
        let numbers = Element::only(self.key, SEQUENCE)?;
        let (modulus, _) = Element::first(numbers.contents)?;
        let first = modulus.contents.iter().position(|byte| *byte != 0)?;
        let significant = modulus.contents.get(first..)?;
        let spare = usize::try_from(significant.first()?.leading_zeros()).ok()?;
        (modulus.tag == INTEGER).then(|| significant.len() * 8 - spare)
    }
}

/// One tagged value.
#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    whole: &'a [u8],
    contents: &'a [u8],
}

impl<'a> Element<'a> {
    /// The first element and what follows it.
    fn first(bytes: &'a [u8]) -> Option<(Self, &'a [u8])> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, rest) = match first {
            0..=0x7f => (usize::from(first), rest),
            0x81..=0x83 => {
                let (digits, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
                let length = digits
                    .iter()
                    .fold(0, |sum, digit| sum << 8 | usize::from(*digit));
                (length, rest)
            }
            _ => return None,
        };
        let (contents, after) = rest.split_at_checked(length)?;
        let whole = bytes.get(..bytes.len() - after.len())?;
        Some((
            Self {
                tag,
                whole,
                contents,
            },
            after,
        ))
    }

    /// The one element that fills `bytes`.
    fn only(bytes: &'a [u8], tag: u8) -> Option<Self> {
        let (element, after) = Self::first(bytes)?;
        (element.tag == tag && after.is_empty()).then_some(element)
    }
}
