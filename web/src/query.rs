//! Lists in the address bar: what part of a list is wanted, as a query string and back.
//! Reading never fails: what makes no sense is taken as not given.

use crate::model::{
    AccountQuery, AuditQuery, CatalogueQuery, ComplianceQuery, GroupQuery, OnlineQuery, OnlineSort,
    UserFilter, UserQuery,
};

/// A query that travels in an address.
pub(crate) trait InAddress: Clone {
    /// Its parameters; those at their default are left out.
    fn pairs(&self) -> Vec<(&'static str, String)>;

    /// Reads it from parameters.
    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self;

    /// Which page of the list; `None`: it has one only.
    fn page_mut(&mut self) -> Option<&mut u32> {
        None
    }

    /// The same query for another page of the list.
    fn at_page(&self, page: u32) -> Self {
        let mut there = self.clone();
        if let Some(here) = there.page_mut() {
            *here = page;
        }
        there
    }

    /// `path` with this query.
    fn address(&self, path: &str) -> String {
        let pairs = self.pairs();
        if pairs.is_empty() {
            return path.to_owned();
        }
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(pairs);
        format!("{path}?{}", query.finish())
    }

    /// Reads it from the query string of an address.
    #[cfg(any(feature = "ssr", test))]
    fn from_query(query: &str) -> Self {
        Self::from_pairs(|wanted| {
            form_urlencoded::parse(query.as_bytes())
                .find(|(key, _)| key == wanted)
                .map(|(_, value)| value.into_owned())
        })
    }
}

/// A path of these segments, each written so that it cannot leave its place.
pub(crate) fn path(segments: &[&str]) -> String {
    let mut path = String::new();
    for segment in segments {
        path.push('/');
        for byte in segment.bytes() {
            if byte.is_ascii_alphanumeric()
                || matches!(byte, b'-' | b'_' | b'~')
                || (byte == b'.' && !matches!(*segment, "." | ".."))
            {
                path.push(char::from(byte));
            } else {
                path.push_str(&format!("%{byte:02X}"));
            }
        }
    }
    path
}

/// The address that asks before these users are logged off.
pub(crate) fn logoff_address<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields);
    format!("/online/logoff?{}", query.finish())
}

/// The address of the page that says what two users may do with each other.
pub(crate) fn access_address(from: &str, to: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("from", from).append_pair("to", to);
    format!("/access?{}", query.finish())
}

/// The address of a script that carries contacts over a share, or over the server.
pub(crate) fn scripts_address(share: Option<&str>, name: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("name", name);
    if let Some(share) = share {
        query.append_pair("share", share);
    }
    format!("/contacts/script?{}", query.finish())
}

/// Every value of `key` in a query string.
pub(crate) fn all_values(query: &str, key: &str) -> Vec<String> {
    form_urlencoded::parse(query.trim_start_matches('?').as_bytes())
        .filter(|(name, _)| name == key)
        .map(|(_, value)| value.into_owned())
        .collect()
}

fn push_search(pairs: &mut Vec<(&'static str, String)>, search: &str) {
    if !search.is_empty() {
        pairs.push(("search", search.to_owned()));
    }
}

fn push_page(pairs: &mut Vec<(&'static str, String)>, page: u32) {
    if page > 1 {
        pairs.push(("page", page.to_string()));
    }
}

fn search(get: &impl Fn(&str) -> Option<String>) -> String {
    get("search").unwrap_or_default().trim().to_owned()
}

fn page(get: &impl Fn(&str) -> Option<String>) -> u32 {
    get("page")
        .and_then(|page| page.parse().ok())
        .unwrap_or(1)
        .max(1)
}

impl InAddress for OnlineQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        if self.sort != OnlineSort::default() {
            pairs.push(("sort", self.sort.name().to_owned()));
        }
        if self.descending {
            pairs.push(("descending", "true".to_owned()));
        }
        if self.silent {
            pairs.push(("silent", "true".to_owned()));
        }
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            sort: get("sort")
                .and_then(|name| OnlineSort::from_name(&name))
                .unwrap_or_default(),
            descending: get("descending").is_some_and(|value| value == "true"),
            silent: get("silent").is_some_and(|value| value == "true"),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for UserQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        if self.filter != UserFilter::default() {
            pairs.push(("filter", self.filter.name().to_owned()));
        }
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            filter: get("filter")
                .and_then(|name| UserFilter::from_name(&name))
                .unwrap_or_default(),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for AuditQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        for (name, value) in [
            ("actor", &self.actor),
            ("action", &self.action),
            ("target", &self.target),
            ("since", &self.since),
            ("until", &self.until),
        ] {
            if !value.is_empty() {
                pairs.push((name, value.clone()));
            }
        }
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        let text = |name| get(name).unwrap_or_default().trim().to_owned();
        Self {
            search: search(&get),
            actor: text("actor"),
            action: text("action"),
            target: text("target"),
            since: text("since"),
            until: text("until"),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for ComplianceQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        if !self.feature.is_empty() {
            pairs.push(("feature", self.feature.clone()));
        }
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            feature: get("feature").unwrap_or_default(),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for AccountQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for GroupQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        push_page(&mut pairs, self.page);
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            page: page(&get),
        }
    }

    fn page_mut(&mut self) -> Option<&mut u32> {
        Some(&mut self.page)
    }
}

impl InAddress for CatalogueQuery {
    fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut pairs = Vec::new();
        push_search(&mut pairs, &self.search);
        if !self.client.is_empty() {
            pairs.push(("client", self.client.clone()));
        }
        pairs
    }

    fn from_pairs(get: impl Fn(&str) -> Option<String>) -> Self {
        Self {
            search: search(&get),
            client: get("client").unwrap_or_default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query_of(address: &str) -> &str {
        address.split_once('?').map_or("", |(_, query)| query)
    }

    #[test]
    fn every_online_query_comes_back() {
        for sort in OnlineSort::ALL {
            for descending in [false, true] {
                let query = OnlineQuery {
                    search: "Åsa & Co=100% #1+?".to_owned(),
                    sort,
                    descending,
                    silent: descending,
                    page: 7,
                };
                let address = query.address("/online");
                assert!(address.is_ascii(), "{address}");
                assert_eq!(OnlineQuery::from_query(query_of(&address)), query);
            }
        }
    }

    #[test]
    fn defaults_leave_the_address_clean() {
        assert_eq!(OnlineQuery::from_query("").address("/online"), "/online");
        assert_eq!(
            UserQuery::from_query("filter=all").address("/users"),
            "/users"
        );
        assert_eq!(AuditQuery::from_query("page=0").address("/audit"), "/audit");
    }

    #[test]
    fn nonsense_is_taken_as_not_given() {
        let query = OnlineQuery::from_query("sort=%00&descending=perhaps&page=-4&page=x");
        assert_eq!(
            query,
            OnlineQuery {
                page: 1,
                ..OnlineQuery::default()
            }
        );
    }

    #[test]
    fn user_and_audit_queries_come_back() {
        let users = UserQuery {
            search: "o'hara".to_owned(),
            filter: UserFilter::Disabled,
            page: 3,
        };
        assert_eq!(
            UserQuery::from_query(query_of(&users.address("/users"))),
            users
        );
        let audit = AuditQuery {
            search: "logoff".to_owned(),
            actor: "ada & co".to_owned(),
            action: "user".to_owned(),
            target: "bob".to_owned(),
            since: "2026-11-01".to_owned(),
            until: "2026-11-25T10:00Z".to_owned(),
            page: 2,
        };
        assert_eq!(
            AuditQuery::from_query(query_of(&audit.address("/audit"))),
            audit
        );
    }

    #[test]
    fn a_catalogue_query_comes_back() {
        let query = CatalogueQuery {
            search: r"HKCU\Software & more".to_owned(),
            client: "netmeeting".to_owned(),
        };
        let address = query.address("/catalogue");
        assert_eq!(CatalogueQuery::from_query(query_of(&address)), query);
    }

    #[test]
    fn a_segment_stays_in_its_place() {
        assert_eq!(path(&["users", "a/b?c d"]), "/users/a%2Fb%3Fc%20d");
        assert_eq!(path(&["users", ".."]), "/users/%2E%2E");
        assert_eq!(path(&["policies", "WAN v1.2"]), "/policies/WAN%20v1.2");
    }

    #[test]
    fn a_repeated_key_keeps_all_values() {
        assert_eq!(
            all_values("?alias=a%20b&all=1&alias=c", "alias"),
            ["a b", "c"]
        );
    }
}
