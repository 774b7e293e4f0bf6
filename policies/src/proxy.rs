//! Internet Explorer's proxy texts: what `WinINet` accepts, and what the
//! messenger clients need of it (Q242882: full DNS names).

/// What is wrong with one part of a proxy text, in the words for an administrator.
pub(crate) type Complaint = String;

/// Checks a list of proxy exceptions.
///
/// A bare name matches that one host; hosts of a domain need `*.domain`;
/// `.domain` and anything with `/` are not honoured (measured against `WinINet`);
/// an empty list must not be written (Q240664).
pub(crate) fn exceptions(text: &str) -> Vec<Complaint> {
    if text.trim().is_empty() {
        return vec!["the list of proxy exceptions is empty, and some Windows components fail on an empty list; name a host, or choose Not set".to_owned()];
    }
    entries(text).filter_map(exception).collect()
}

/// What to know of a list of proxy exceptions that Windows takes: names without a dot, which
/// are in no way wrong and of no use where clients know the full one (Q242882).
pub(crate) fn doubts(text: &str) -> Vec<Complaint> {
    let doubt = |entry: &str| {
        let (host, _) = split_port(entry);
        let bare = is_label(host) && !host.eq_ignore_ascii_case("localhost");
        // A number alone is no name.
        let bare = bare && host.parse::<u32>().is_err();
        bare.then(|| format!(
            "the proxy exception \"{entry}\" is not a full DNS name; clients that use the full name go through the proxy: add for example {entry}.example.com, or *.example.com"
        ))
    };
    entries(text).filter_map(doubt).collect()
}

/// The entries of a list, without white space and empty ones.
pub(crate) fn entries(text: &str) -> impl Iterator<Item = &str> {
    text.split(';')
        .map(str::trim)
        .filter(|entry| !entry.is_empty())
}

/// Whether a list of exceptions sends this host past the proxy.
pub(crate) fn covers(list: &str, host: &str) -> bool {
    let (host, port) = split_port(host);
    let host = host.to_ascii_lowercase();
    entries(list).any(|entry| {
        let entry = entry.to_ascii_lowercase();
        if entry == "<local>" {
            return !host.contains('.');
        }
        let (pattern, wanted_port) = split_port(&entry);
        let port_fits = wanted_port.is_none_or(|wanted| wanted == port.unwrap_or("80"));
        port_fits && matches(pattern, &host)
    })
}

/// `*` stands for any characters, as in `WinINet`.
fn matches(pattern: &str, host: &str) -> bool {
    let Some((before, after)) = pattern.split_once('*') else {
        return pattern == host;
    };
    let Some(mut rest) = host.strip_prefix(before) else {
        return false;
    };
    loop {
        if matches(after, rest) {
            return true;
        }
        let mut left = rest.chars();
        if left.next().is_none() {
            return false;
        }
        rest = left.as_str();
    }
}

fn exception(entry: &str) -> Option<Complaint> {
    if entry.eq_ignore_ascii_case("<local>") {
        return None;
    }
    if entry.contains('/') {
        return Some(format!(
            "the proxy exception \"{entry}\" contains \"/\"; write the host name alone, without http:// and path"
        ));
    }
    if let Some(domain) = entry.strip_prefix('.') {
        return Some(format!(
            "Windows ignores the proxy exception \"{entry}\"; for all hosts of the domain write \"*.{domain}\""
        ));
    }
    // Addresses of version 6 stand in brackets.
    let inside = entry
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'));
    if let Some((address, port)) = inside
        && address.parse::<std::net::Ipv6Addr>().is_ok()
        && (port.is_empty() || port.starts_with(':'))
    {
        return None;
    }
    if ["<-loopback>", "<local>"]
        .iter()
        .any(|it| entry.eq_ignore_ascii_case(it))
    {
        return None;
    }
    let (host, port) = split_port(entry);
    if port.is_some_and(|port| port.parse::<u16>().is_err()) {
        return Some(format!(
            "the proxy exception \"{entry}\" ends in something that is not a port number; write host or host:port"
        ));
    }
    // `*` stands for any characters, wherever it is: *.example.com, 10.1.*, intranet*.
    let sound = |label: &str| {
        let letters = label.replace('*', "");
        (label.contains('*') && letters.is_empty()) || is_label(letters.trim_matches('-'))
    };
    let names_something = host.contains(|c: char| c.is_ascii_alphanumeric());
    if !names_something || !host.split('.').all(sound) {
        return Some(format!(
            "the proxy exception \"{entry}\" is not a host name; write a full DNS name such as im.example.com, or *.example.com"
        ));
    }
    None
}

/// Checks `host:port`, or `protocol=host:port` separated by semicolons.
pub(crate) fn server(text: &str) -> Vec<Complaint> {
    if text.trim().is_empty() {
        return vec!["the proxy server is empty; write host:port, or choose Not set".to_owned()];
    }
    entries(text).filter_map(server_entry).collect()
}

fn server_entry(entry: &str) -> Option<Complaint> {
    let address = match entry.split_once('=') {
        Some((protocol, address)) => {
            if !["http", "https", "ftp", "gopher", "socks"]
                .contains(&protocol.to_ascii_lowercase().as_str())
            {
                return Some(format!(
                    "the proxy entry \"{entry}\" names the protocol \"{protocol}\"; Windows knows http, https, ftp, gopher and socks"
                ));
            }
            address
        }
        None => entry,
    };
    let address = address.strip_prefix("http://").unwrap_or(address);
    let (host, port) = split_port(address);
    let sound = host.split('.').all(is_label)
        && port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0));
    (!sound).then(|| format!("the proxy entry \"{entry}\" is not of the form host:port; write for example proxy.example.com:8080"))
}

/// Checks the address of a proxy script: Internet Explorer of the time fetches
/// it by HTTP; `file://` is refused because later versions ignore it.
pub(crate) fn script_address(text: &str) -> Option<Complaint> {
    let lower = text.to_ascii_lowercase();
    let rest = lower
        .strip_prefix("http://")
        .or_else(|| lower.strip_prefix("https://"));
    let host = rest
        .and_then(|rest| rest.split('/').next())
        .map(|host| split_port(host).0);
    let sound = host.is_some_and(|host| host.split('.').all(is_label))
        && !text.contains(char::is_whitespace);
    (!sound).then(|| format!("\"{text}\" is not the address of a proxy script; write for example http://im.example.com/proxy.pac"))
}

/// Host and port; addresses of version 6 stand in brackets.
pub(crate) fn split_port(host: &str) -> (&str, Option<&str>) {
    if let Some(end) = host.starts_with('[').then(|| host.find(']')).flatten() {
        let (address, rest) = host.split_at(end + 1);
        return (address, rest.strip_prefix(':'));
    }
    host.rsplit_once(':')
        .map_or((host, None), |(host, port)| (host, Some(port)))
}

fn is_label(label: &str) -> bool {
    !label.is_empty()
        && label.len() <= 63
        && label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_patterns_addresses_and_local_pass() {
        for list in [
            "im.example.com",
            "im.example.com:8080;*.corp.example.com;<local>",
            "*.example.com; 10.1.* ;192.0.2.7",
            "<LOCAL>",
            "localhost;127.0.0.1;im.example.com;<local>",
            "intranet;intranet*;*.corp.*;192.168.1.1*;[::1];<-loopback>",
        ] {
            assert_eq!(exceptions(list), Vec::<String>::new(), "{list}");
        }
    }

    #[test]
    fn what_windows_ignores_or_chokes_on_is_refused() {
        for list in [
            "",
            "  ",
            ".example.com",
            "http://im.example.com",
            "im.example.com/instmsg",
            "a b.com",
            "im.example.com:x",
            "*",
            "*.*",
        ] {
            assert_eq!(exceptions(list).len(), 1, "{list}");
        }
        assert!(exceptions("x.example.com;.example.com")[0].contains("*.example.com"));
    }

    #[test]
    fn names_without_a_dot_are_doubted_and_not_refused() {
        assert!(doubts("localhost;127.0.0.1;im.example.com;<local>;10.*;intra*").is_empty());
        assert_eq!(doubts("im;srv2:8080;im.example.com").len(), 2);
    }

    #[test]
    fn exceptions_cover_what_windows_sends_past_the_proxy() {
        for list in [
            "IM.example.com",
            "x.example.com; *.example.com",
            "im.example.com:80",
            "*.com",
        ] {
            assert!(covers(list, "im.example.com"), "{list}");
        }
        for list in [
            "example.com",
            "<local>",
            "xim.example.com",
            "*.example.org",
            "im.example.com:8080",
            "",
        ] {
            assert!(!covers(list, "im.example.com"), "{list}");
        }
        assert!(covers("im.example.com:8080", "im.example.com:8080"));
        assert!(covers("<local>", "im"));
        assert!(covers("10.1.*", "10.1.2.3"));
        assert!(covers("[::1]:8080", "[::1]:8080") && !covers("[::1]:81", "[::1]:8080"));
        assert_eq!(split_port("[::1]"), ("[::1]", None));
    }

    #[test]
    fn a_proxy_server_needs_a_port() {
        assert!(server("proxy:8080").is_empty());
        assert!(server("http=proxy.example.com:8080;https=proxy.example.com:8443").is_empty());
        for bad in ["", "proxy", "proxy:0", "rvp=proxy:80", "pro xy:80"] {
            assert_eq!(server(bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_script_is_fetched_by_http() {
        assert_eq!(script_address("http://im.example.com/proxy.pac"), None);
        for bad in [
            "proxy.pac",
            "file://c:/proxy.pac",
            "http:///proxy.pac",
            "http://a b/",
        ] {
            assert!(script_address(bad).is_some(), "{bad}");
        }
    }
}
