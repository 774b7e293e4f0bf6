//! A browser without a screen: keeps its cookie, sends forms, follows nothing by itself.

use crate::fake::{Fake, PASSWORD};
use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use std::borrow::Cow;
use std::sync::Arc;
use tower::ServiceExt as _;
use tower_sessions::{MemoryStore, SessionManagerLayer};
use web::model::Millis;
use web::{ConsoleState, router};

/// 2026-11-18 12:26:40 UTC.
pub(crate) fn now() -> Millis {
    Millis(1_795_004_800_000)
}

/// What the console gets for randomness, so that the tests know its tokens.
const RANDOM: u8 = 7;

fn csrf() -> String {
    format!("{RANDOM:02x}").repeat(32)
}

pub(crate) fn no_files(_name: &str) -> Option<Cow<'static, [u8]>> {
    None
}

#[derive(Clone)]
pub(crate) struct Browser {
    router: Router,
    cookie: Option<String>,
}

/// An answer.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Answer {
    /// What a person is shown: without the marks by which the browser's part finds its places.
    pub(crate) fn text(&self) -> String {
        let text = String::from_utf8(self.bytes.clone()).unwrap();
        text.replace("<!>", "").replace("<!--<() />-->", "")
    }

    pub(crate) fn header(&self, name: header::HeaderName) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    #[track_caller]
    pub(crate) fn assert_leads_to(&self, address: &str) {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.text());
        assert_eq!(self.header(header::LOCATION), address);
    }

    #[track_caller]
    pub(crate) fn assert_has(&self, part: &str) {
        assert!(
            self.text().contains(part),
            "{part:?} is not in {}",
            self.text()
        );
    }

    #[track_caller]
    pub(crate) fn assert_lacks(&self, part: &str) {
        assert!(
            !self.text().contains(part),
            "{part:?} is in {}",
            self.text()
        );
    }
}

impl Browser {
    pub(crate) fn of(fake: &Arc<Fake>) -> Self {
        Self::with_files(fake, no_files)
    }

    pub(crate) fn with_files(
        fake: &Arc<Fake>,
        files: fn(&str) -> Option<Cow<'static, [u8]>>,
    ) -> Self {
        let console = ConsoleState {
            backend: fake.clone(),
            files,
            random: |bytes| bytes.fill(RANDOM),
            live_pages_per_session: 4,
            secure_cookies: false,
        };
        let sessions = SessionManagerLayer::new(MemoryStore::default()).with_name("rollcall");
        Self {
            router: router(console).layer(sessions),
            cookie: None,
        }
    }

    /// Signed in as one of the fake's accounts.
    pub(crate) async fn signed_in(fake: &Arc<Fake>, name: &str) -> Self {
        let mut browser = Self::of(fake);
        let answer = browser
            .post("/sign-in", &[("name", name), ("password", PASSWORD)])
            .await;
        answer.assert_leads_to("/");
        browser
    }

    pub(crate) async fn get(&mut self, address: &str) -> Answer {
        self.send(Request::get(address).body(Body::empty()).unwrap())
            .await
    }

    pub(crate) async fn post(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        self.send(form(address).body(body(fields)).unwrap()).await
    }

    /// Sends a form with the token of the session.
    pub(crate) async fn order(&mut self, address: &str, fields: &[(&str, &str)]) -> Answer {
        let csrf = csrf();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        self.post(address, &fields).await
    }

    /// Sends a form with a file and the token of the session.
    pub(crate) async fn upload(
        &mut self,
        address: &str,
        fields: &[(&str, &str)],
        file: (&str, &[u8]),
    ) -> Answer {
        let csrf = csrf();
        let mut body = Vec::new();
        for (name, value) in fields.iter().chain([&("csrf", csrf.as_str())]) {
            let part = format!(
                "--edge\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.into_bytes());
        }
        let (name, bytes) = file;
        let part = format!(
            "--edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: application/octet-stream\r\n\r\n"
        );
        body.extend(part.into_bytes());
        body.extend(bytes);
        body.extend(b"\r\n--edge--\r\n");
        let request = Request::post(address)
            .header(header::CONTENT_TYPE, "multipart/form-data; boundary=edge");
        self.send(request.body(Body::from(body)).unwrap()).await
    }

    /// The same, as a script of the page sends it.
    pub(crate) async fn order_by_script(
        &mut self,
        address: &str,
        fields: &[(&str, &str)],
    ) -> Answer {
        let csrf = csrf();
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let request = form(address).header(header::ACCEPT, "application/json");
        self.send(request.body(body(&fields)).unwrap()).await
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            bytes,
        }
    }

    /// Sends a request and leaves the body to be read.
    pub(crate) async fn open(&mut self, mut request: Request<Body>) -> axum::response::Response {
        if let Some(cookie) = &self.cookie {
            request
                .headers_mut()
                .insert(header::COOKIE, cookie.parse().unwrap());
        }
        let response = self.router.clone().oneshot(request).await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap().to_owned();
            self.cookie = (!cookie.contains("Max-Age=0")).then_some(pair);
        }
        response
    }
}

fn form(address: &str) -> axum::http::request::Builder {
    Request::post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn body(fields: &[(&str, &str)]) -> Body {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    Body::from(form.finish())
}
