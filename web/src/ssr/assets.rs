//! Files: the style sheet and the icon, which are in the program, and the browser's part, which
//! the server hands over. All have a hash in their address, so browsers may keep them for good.

use super::state::AppState;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::borrow::Cow;
use std::sync::LazyLock;

const CSS: &str = concat!(
    include_str!("../../style/tokens.css"),
    include_str!("../../style/base.css"),
    include_str!("../../style/layout.css"),
    include_str!("../../style/controls.css"),
    include_str!("../../style/table.css"),
    include_str!("../../style/pages.css"),
    include_str!("../../style/policy.css"),
    include_str!("../../style/catalogue.css"),
    include_str!("../../style/deployment.css"),
    include_str!("../../style/people.css"),
    include_str!("../../style/reach.css"),
    include_str!("../../style/print.css"),
);
const ICON: &str = include_str!("../../style/icon.svg");

const FOR_GOOD: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// Address of the style sheet.
pub(crate) static CSS_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/console-{:016x}.css", fnv(CSS.as_bytes())));
/// Address of the icon.
pub(crate) static ICON_ADDRESS: LazyLock<String> =
    LazyLock::new(|| format!("/assets/icon-{:016x}.svg", fnv(ICON.as_bytes())));

/// The browser's part.
#[derive(Debug)]
pub(crate) struct Script {
    version: String,
}

impl Script {
    /// Looks whether it is there.
    pub(crate) fn find(files: fn(&str) -> Option<Cow<'static, [u8]>>) -> Option<Self> {
        let script = files("rollcall.js")?;
        let wasm = files("rollcall_bg.wasm")?;
        Some(Self {
            version: format!("{:016x}", fnv(&script) ^ fnv(&wasm).rotate_left(1)),
        })
    }

    /// Address of the script.
    pub(crate) fn script(&self) -> String {
        format!("/pkg/rollcall.js?v={}", self.version)
    }

    /// Address of the WASM file.
    pub(crate) fn wasm(&self) -> String {
        format!("/pkg/rollcall_bg.wasm?v={}", self.version)
    }
}

/// `GET /assets/{name}`
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    let address = format!("/assets/{name}");
    let (media_type, text) = if address == *CSS_ADDRESS {
        ("text/css; charset=utf-8", CSS)
    } else if address == *ICON_ADDRESS {
        ("image/svg+xml", ICON)
    } else {
        return StatusCode::NOT_FOUND.into_response();
    };
    (
        [
            (header::CONTENT_TYPE, HeaderValue::from_static(media_type)),
            (header::CACHE_CONTROL, FOR_GOOD),
        ],
        text,
    )
        .into_response()
}

/// `GET /pkg/{*name}`: under the encoding that the browser takes, checked by its hash.
pub(crate) async fn package(
    State(state): State<AppState>,
    Path(name): Path<String>,
    request: HeaderMap,
) -> Response {
    let accepted = request
        .get(header::ACCEPT_ENCODING)
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .unwrap_or_default();
    let Some((encoding, bytes)) = best(state.console.files, &name, &accepted) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let tag = format!("\"{:016x}\"", fnv(&bytes));
    let mut headers = HeaderMap::new();
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if request
        .get(header::IF_NONE_MATCH)
        .is_some_and(|known| known.as_bytes() == tag.as_bytes())
    {
        return (StatusCode::NOT_MODIFIED, headers).into_response();
    }
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(media_type(&name)),
    );
    if let Some(encoding) = encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    (headers, Bytes::from(bytes)).into_response()
}

struct Bytes(Cow<'static, [u8]>);

impl From<Cow<'static, [u8]>> for Bytes {
    fn from(bytes: Cow<'static, [u8]>) -> Self {
        Self(bytes)
    }
}

impl IntoResponse for Bytes {
    fn into_response(self) -> Response {
        match self.0 {
            Cow::Borrowed(bytes) => axum::body::Body::from(bytes).into_response(),
            Cow::Owned(bytes) => axum::body::Body::from(bytes).into_response(),
        }
    }
}

fn best(
    files: fn(&str) -> Option<Cow<'static, [u8]>>,
    name: &str,
    accepted: &str,
) -> Option<(Option<&'static str>, Cow<'static, [u8]>)> {
    [("br", "br"), ("gzip", "gz")]
        .into_iter()
        .filter(|(encoding, _)| accepts(accepted, encoding))
        .find_map(|(encoding, ending)| Some((Some(encoding), files(&format!("{name}.{ending}"))?)))
        .or_else(|| Some((None, files(name)?)))
}

fn accepts(accepted: &str, encoding: &str) -> bool {
    accepted.split(',').any(|part| {
        let (name, weight) = part.split_once(';').unwrap_or((part, ""));
        name.trim().eq_ignore_ascii_case(encoding) && !matches!(weight.trim(), "q=0" | "q=0.0")
    })
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        _ => "application/octet-stream",
    }
}

/// FNV-1a: tells versions of a file apart, no more.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::accepts;

    #[test]
    fn an_encoding_is_used_only_where_it_is_accepted() {
        assert!(accepts("gzip, deflate, br;q=1.0", "br"));
        assert!(accepts("GZIP", "gzip"));
        assert!(!accepts("gzip;q=0, br", "gzip"));
        assert!(!accepts("", "br"));
        assert!(!accepts("brotli", "br"));
    }
}
