//! The filter of the log, as people write it.

/// What this library was called in the log of version 0.1, for filters written then.
const FORMER: &str = "server";

/// The filter with the names that the log has today: what is said of `server::delivery` holds for
/// `rollcall::delivery`.
pub(super) fn with_names_of_today(filter: &str) -> String {
    directives(filter)
        .into_iter()
        .map(of_today)
        .collect::<Vec<_>>()
        .join(",")
}

/// What stands between commas, but for those between brackets: they are of one directive's fields.
fn directives(filter: &str) -> Vec<&str> {
    let (mut depth, mut from) = (0_u32, 0);
    let mut found = Vec::new();
    for (at, it) in filter.char_indices() {
        match it {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                found.push(&filter[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    found.push(&filter[from..]);
    found
}

fn of_today(directive: &str) -> String {
    match directive.trim_start().strip_prefix(FORMER) {
        Some(rest) if rest.is_empty() || rest.starts_with(['=', '[', ':']) => {
            format!("{}{rest}", env!("CARGO_CRATE_NAME"))
        }
        _ => directive.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_former_versions_are_understood() {
        for (written, today) in [
            ("info", "info"),
            ("", ""),
            ("server", "rollcall"),
            (
                "info,server::delivery=debug",
                "info,rollcall::delivery=debug",
            ),
            ("warn, server=info", "warn,rollcall=info"),
            (
                "server[a{server=1,server=2}]=info",
                "rollcall[a{server=1,server=2}]=info",
            ),
            ("rollcall::auth=trace", "rollcall::auth=trace"),
            (
                "server_fn=debug,hyper::server=info",
                "server_fn=debug,hyper::server=info",
            ),
        ] {
            assert_eq!(with_names_of_today(written), today, "{written}");
        }
    }

    #[test]
    fn the_log_is_named_after_the_program() {
        assert!(module_path!().starts_with("rollcall::telemetry"));
    }
}
