//! What is kept of an RVP user's password: the NT hash for NTLM and one HA1
//! for each spelling of the user name that Digest clients use.
//!
//! Both are password-equivalent for their protocol. They are stored sealed
//! ([`super::SealKey`]), never logged, never sent anywhere.

use std::fmt;
use std::sync::Arc;

use md4::{Digest as _, Md4};
use md5::Md5;

use super::ntlm::utf16le;

/// The names under which users of this server authenticate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm {
    /// The Digest realm. It holds no comma and no quote: observed clients split
    /// their parameters at commas even inside quotes.
    pub realm: Arc<str>,
    /// The `NetBIOS` domain name, upper case, as NTLM announces it.
    pub nt_domain: Arc<str>,
    /// The DNS name of the IM domain, lower case.
    pub domain: Arc<str>,
    /// What the server was called before, under the same Digest realm: verifiers that were made
    /// then know their account by these names.
    pub former: Arc<[FormerNames]>,
    /// A server has run under these names. Until then passwords are kept as they are, under
    /// seal, so that the first server can derive verifiers under its own.
    pub settled: bool,
}

/// What a server was called before.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct FormerNames {
    /// The `NetBIOS` domain name.
    pub nt_domain: Arc<str>,
    /// The DNS name of the IM domain.
    pub domain: Arc<str>,
}

/// Why a name cannot serve as a realm.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadRealm {
    /// The name is empty, longer than a DNS name, or a character in it would break a challenge.
    #[error(
        "\"{name}\" cannot be used as a domain: clients need a name of letters, digits, dots, hyphens and underscores; set `domain` to the DNS name of the IM domain, for example im.example.com"
    )]
    Name {
        /// The name as configured.
        name: String,
    },
    /// A `NetBIOS` name has 15 characters at most.
    #[error(
        "the NT domain \"{name}\" is longer than the 15 characters a NetBIOS name may have; use the short name, for example EXAMPLE"
    )]
    TooLong {
        /// The name as configured.
        name: String,
    },
}

impl Realm {
    /// The realm of an IM domain. Without an `nt_domain` its first label, cut
    /// to the 15 characters of a `NetBIOS` name, is used.
    ///
    /// # Errors
    /// [`BadRealm`] where a name would not survive a client's parser.
    pub fn new(domain: &str, nt_domain: Option<&str>) -> Result<Self, BadRealm> {
        let fits = |name: &str| {
            (1..=253).contains(&name.len())
                && name
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        };
        let refuse = |name: &str| BadRealm::Name { name: name.into() };
        if !fits(domain) {
            return Err(refuse(domain));
        }
        let domain = domain.to_ascii_lowercase();
        let nt_domain = match nt_domain {
            Some(name) if !fits(name) => return Err(refuse(name)),
            Some(name) if name.len() > 15 => return Err(BadRealm::TooLong { name: name.into() }),
            Some(name) => name.to_ascii_uppercase(),
            None => netbios(&domain),
        };
        Ok(Self {
            realm: domain.as_str().into(),
            nt_domain: nt_domain.into(),
            domain: domain.into(),
            former: Arc::default(),
            settled: true,
        })
    }

    /// Tells realms apart in stored verifiers; not a secret.
    fn fingerprint(&self) -> [u8; 8] {
        fingerprint(&self.realm, &self.nt_domain, &self.domain)
    }

    /// The names under which verifiers with this fingerprint were derived: those of today unless
    /// it is one of the former ones.
    fn names_of(&self, made_under: [u8; 8]) -> (&str, &str) {
        let former = self
            .former
            .iter()
            .find(|it| fingerprint(&self.realm, &it.nt_domain, &it.domain) == made_under);
        former.map_or((&self.nt_domain, &self.domain), |it| {
            (&it.nt_domain, &it.domain)
        })
    }
}

fn fingerprint(realm: &str, nt_domain: &str, domain: &str) -> [u8; 8] {
    let mut hash = Md5::new();
    for name in [realm, nt_domain, domain] {
        hash.update(name.as_bytes());
        hash.update([0]);
    }
    let mut short = [0; 8];
    short.copy_from_slice(&hash.finalize()[..8]);
    short
}

/// The `NetBIOS` form of a DNS name: its first label, upper case, 15 characters at most.
pub(super) fn netbios(dns: &str) -> String {
    let label = dns.split('.').next().unwrap_or(dns);
    label.chars().take(15).collect::<String>().to_uppercase()
}

/// The account a user name means: what follows the last `\` or `/`, and
/// precedes an `@` (observed: `DOMAIN\user` from librvp, `DOMAIN/user` from
/// Miranda IM). Letter case is left alone.
pub fn login_alias(username: &str) -> &str {
    let account = username.rsplit(['\\', '/']).next().unwrap_or(username);
    account.split('@').next().unwrap_or(account)
}

/// Where the HA1 of a name as sent is kept, of verifiers made under these names of the server.
fn place(alias_as_created: &str, username_as_sent: &str, names: (&str, &str)) -> Option<usize> {
    SPELLED
        .iter()
        .position(|&spelling| spell(spelling, alias_as_created, names) == username_as_sent)
}

/// The bytes of a text in Latin-1, if that has all its letters.
fn to_latin_1(text: &str) -> Option<Vec<u8>> {
    text.chars()
        .map(|letter| u8::try_from(letter).ok())
        .collect()
}

#[derive(Clone, Copy)]
enum Letters {
    AsCreated,
    Lower,
    Capital,
    Upper,
}

#[derive(Clone, Copy)]
enum Affix {
    None,
    /// `DOM` and a separator, the `NetBIOS` name in upper case.
    Nt(char),
    /// The same with the `NetBIOS` name in lower case.
    NtLower(char),
    /// The DNS name and a separator.
    Dns(char),
    /// `@` and the DNS name.
    AtDns,
}

const SPELLINGS: usize = 24;

/// The spellings of a user name that can sign on with Digest, the likeliest
/// first. The order is part of the stored form: a change needs a new
/// [`VERSION`].
#[rustfmt::skip]
const SPELLED: [(Affix, Letters); SPELLINGS] = {
    use Affix::{AtDns, Dns, None, Nt, NtLower};
    use Letters::{AsCreated, Capital, Lower, Upper};
    [
        (None, AsCreated), (None, Lower), (None, Capital), (None, Upper),
        (Nt('\\'), AsCreated), (Nt('\\'), Lower), (Nt('\\'), Capital), (Nt('\\'), Upper),
        (Nt('/'), AsCreated), (Nt('/'), Lower), (Nt('/'), Capital), (Nt('/'), Upper),
        (AtDns, AsCreated), (AtDns, Lower), (AtDns, Capital), (AtDns, Upper),
        (NtLower('\\'), AsCreated), (NtLower('\\'), Lower),
        (NtLower('/'), AsCreated), (NtLower('/'), Lower),
        (Dns('\\'), AsCreated), (Dns('\\'), Lower),
        (Dns('/'), AsCreated), (Dns('/'), Lower),
    ]
};

fn spell(
    (affix, letters): (Affix, Letters),
    alias: &str,
    (nt_domain, domain): (&str, &str),
) -> String {
    let name = match letters {
        Letters::AsCreated => alias.to_owned(),
        Letters::Lower => alias.to_lowercase(),
        Letters::Upper => alias.to_uppercase(),
        Letters::Capital => {
            let mut rest = alias.chars();
            rest.next().map_or_else(String::new, |first| {
                first.to_uppercase().collect::<String>() + &rest.as_str().to_lowercase()
            })
        }
    };
    match affix {
        Affix::None => name,
        Affix::Nt(separator) => format!("{nt_domain}{separator}{name}"),
        Affix::NtLower(separator) => format!("{}{separator}{name}", nt_domain.to_lowercase()),
        Affix::Dns(separator) => format!("{domain}{separator}{name}"),
        Affix::AtDns => format!("{name}@{domain}"),
    }
}

/// The version byte of the stored form.
const VERSION: u8 = 1;
const STORED: usize = 1 + 8 + 16 + SPELLINGS * 16;
/// The version byte where the HA1s of Latin-1 clients follow.
const WITH_LATIN_1: u8 = 2;
const STORED_WITH_LATIN_1: usize = STORED + SPELLINGS * 16;

/// What is kept of one user's password.
#[derive(Clone, PartialEq, Eq)]
pub struct Verifiers {
    realm: [u8; 8],
    nt_hash: [u8; 16],
    ha1: [[u8; 16]; SPELLINGS],
    /// The same by clients that hash in Latin-1 (Windows programs of the time), where that
    /// makes a difference.
    latin_1: Option<Box<[[u8; 16]; SPELLINGS]>>,
}

/// Verifiers print nothing of themselves.
impl fmt::Debug for Verifiers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verifiers(..)")
    }
}

/// Stored verifiers that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BadVerifiers {
    /// Written by another version of this program.
    #[error(
        "the stored verifiers have format {found}, this program reads formats {VERSION} and {WITH_LATIN_1}: use the version that wrote them, or set the user's password again"
    )]
    Version {
        /// The version byte found.
        found: u8,
    },
    /// Cut short or too long.
    #[error(
        "the stored verifiers have {found} bytes, which is not their length: restore the database, or set the user's password again"
    )]
    Length {
        /// The number of bytes found.
        found: usize,
    },
}

impl Verifiers {
    /// The verifiers of a password, for an alias spelled as it was created.
    ///
    /// Digest knows no character set; passwords and names are hashed as UTF-8, and as Latin-1
    /// where they are not ASCII and Latin-1 has their letters.
    pub fn derive(alias: &str, password: &str, realm: &Realm) -> Self {
        let hashed = SPELLED.map(|spelling| {
            let name = spell(spelling, alias, (&realm.nt_domain, &realm.domain));
            format!("{name}:{}:{password}", realm.realm)
        });
        let ha1 = hashed.each_ref().map(|text| Md5::digest(text).into());
        let differs = hashed.iter().any(|text| !text.is_ascii());
        let latin_1 = differs.then(|| {
            Box::new(hashed.map(|text| match to_latin_1(&text) {
                Some(bytes) => Md5::digest(bytes).into(),
                None => Md5::digest(text).into(),
            }))
        });
        Self {
            realm: realm.fingerprint(),
            nt_hash: Md4::digest(utf16le(password)).into(),
            latin_1: latin_1.filter(|latin_1| **latin_1 != ha1),
            ha1,
        }
    }

    /// Verifiers that no password fits, made from 32 random bytes of this run.
    /// Checking an unknown user against them takes as long as a known one.
    pub fn nobody(random: &[u8; 32]) -> Self {
        let (nt_hash, ha1) = random.split_at(16);
        let half = |bytes: &[u8]| <[u8; 16]>::try_from(bytes).expect("32 bytes have two halves");
        Self {
            realm: [0; 8],
            nt_hash: half(nt_hash),
            ha1: [half(ha1); SPELLINGS],
            latin_1: None,
        }
    }

    /// Whether these were made under the names of today. After a change of the domain they were
    /// not: NTLM goes on, and Digest with the plain name and with the former names; only
    /// spellings with a new name need the password set again.
    pub fn fits(&self, realm: &Realm) -> bool {
        self.realm == realm.fingerprint()
    }

    /// The NT hash: MD4 of the password in UTF-16 ([MS-NLMP] 3.3.1).
    pub fn nt_hash(&self) -> &[u8; 16] {
        &self.nt_hash
    }

    /// The HA1 for a user name as a client sent and hashed it (RFC 2617
    /// 3.2.2.2), or `None` where the spelling is not one of the kept ones:
    /// the alias as created, in lower case, with a capital, in upper case; each
    /// also after `DOM\` and `DOM/` and before `@domain`; as created and lower
    /// also after `dom\`, `dom/`, `domain\` and `domain/`.
    pub fn ha1_for(
        &self,
        alias_as_created: &str,
        username_as_sent: &str,
        realm: &Realm,
    ) -> Option<[u8; 16]> {
        let names = realm.names_of(self.realm);
        place(alias_as_created, username_as_sent, names).map(|at| self.ha1[at])
    }

    /// The same for a client that hashes in Latin-1; for ASCII it is the same HA1.
    pub fn latin_1_ha1_for(
        &self,
        alias_as_created: &str,
        username_as_sent: &str,
        realm: &Realm,
    ) -> Option<[u8; 16]> {
        let ha1 = self.latin_1.as_deref().unwrap_or(&self.ha1);
        let names = realm.names_of(self.realm);
        place(alias_as_created, username_as_sent, names).map(|at| ha1[at])
    }

    /// The stored form: secret, to be sealed at once.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(STORED_WITH_LATIN_1);
        bytes.push(match self.latin_1 {
            None => VERSION,
            Some(_) => WITH_LATIN_1,
        });
        bytes.extend_from_slice(&self.realm);
        bytes.extend_from_slice(&self.nt_hash);
        bytes.extend_from_slice(self.ha1.as_flattened());
        if let Some(latin_1) = &self.latin_1 {
            bytes.extend_from_slice(latin_1.as_flattened());
        }
        bytes
    }

    /// Reads the stored form.
    ///
    /// # Errors
    /// [`BadVerifiers`] where version or length is not the known one.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, BadVerifiers> {
        let length = match bytes.first() {
            Some(&WITH_LATIN_1) => STORED_WITH_LATIN_1,
            Some(&VERSION) | None => STORED,
            Some(&found) => return Err(BadVerifiers::Version { found }),
        };
        if bytes.len() != length {
            return Err(BadVerifiers::Length { found: bytes.len() });
        }
        let mut read = Self {
            realm: [0; 8],
            nt_hash: [0; 16],
            ha1: [[0; 16]; SPELLINGS],
            latin_1: None,
        };
        read.realm.copy_from_slice(&bytes[1..9]);
        read.nt_hash.copy_from_slice(&bytes[9..25]);
        let (ha1, latin_1) = bytes[25..].split_at(SPELLINGS * 16);
        read.ha1.as_flattened_mut().copy_from_slice(ha1);
        if !latin_1.is_empty() {
            let mut kept = Box::new([[0; 16]; SPELLINGS]);
            kept.as_flattened_mut().copy_from_slice(latin_1);
            read.latin_1 = Some(kept);
        }
        Ok(read)
    }
}

#[cfg(test)]
mod tests;
