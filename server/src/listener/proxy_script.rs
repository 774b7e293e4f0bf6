//! `GET /proxy.pac`: the proxy script, for browsers, which have no account here.

use super::answer::Answer;
use super::router::Rvp;
use crate::proxy_script::{ProxyScript, Script};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue};
use http::request::Parts;
use http::{Method, StatusCode};

const MEDIA_TYPE: HeaderValue = HeaderValue::from_static("application/x-ns-proxy-autoconfig");

/// The script, or why there is none. `None`: it is not asked for, or switched off, and then this
/// listener has no use for GET.
pub(super) fn answer(rvp: &Rvp, parts: &Parts) -> Option<Answer> {
    if parts.method != Method::GET || parts.uri.path() != ProxyScript::PATH {
        return None;
    }
    match rvp.proxy_script.now() {
        Script::Off => None,
        Script::Missing(why) => Some(Answer::refusal(StatusCode::NOT_FOUND, &why)),
        Script::Ready(script) => {
            let mut answer = Answer::empty(StatusCode::OK);
            answer.headers.insert(CONTENT_TYPE, MEDIA_TYPE);
            // Browsers of the time ask at their start; then a change is to be seen.
            answer
                .headers
                .insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
            answer.body = script;
            Some(answer)
        }
    }
}
