//! A browser without a screen: keeps its cookie, sends forms, follows nothing by itself.

use crate::console::{Console, PASSWORD};
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use tower::ServiceExt as _;

#[derive(Clone)]
pub(crate) struct Browser {
    console: Arc<Console>,
    address: SocketAddr,
    cookie: Option<String>,
    /// The token of the session, as the last page had it.
    csrf: String,
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
    pub(crate) fn of(console: &Arc<Console>) -> Self {
        Self::at(console, "192.0.2.1")
    }

    /// A browser at this address.
    pub(crate) fn at(console: &Arc<Console>, address: &str) -> Self {
        let address: IpAddr = address.parse().unwrap();
        Self {
            console: console.clone(),
            address: SocketAddr::new(address, 50_000),
            cookie: None,
            csrf: String::new(),
        }
    }

    /// Signed in as one of the accounts.
    pub(crate) async fn signed_in(console: &Arc<Console>, name: &str) -> Self {
        let mut browser = Self::of(console);
        browser.sign_in(name).await.assert_leads_to("/");
        browser
    }

    /// The token of the session; if no page is open that has it, of the first one.
    async fn csrf(&mut self) -> String {
        if self.csrf.is_empty() {
            self.get("/").await;
        }
        self.csrf.clone()
    }

    pub(crate) async fn sign_in(&mut self, name: &str) -> Answer {
        self.post("/sign-in", &[("name", name), ("password", PASSWORD)])
            .await
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
        let csrf = self.csrf().await;
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
        let csrf = self.csrf().await;
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
        let csrf = self.csrf().await;
        let mut fields = fields.to_vec();
        fields.push(("csrf", &csrf));
        let request = form(address).header(header::ACCEPT, "application/json");
        self.send(request.body(body(&fields)).unwrap()).await
    }

    pub(crate) async fn send(&mut self, request: Request<Body>) -> Answer {
        let response = self.open(request).await;
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes().to_vec();
        if let Some(csrf) = token(&bytes) {
            self.csrf = csrf;
        }
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
        let from = ConnectInfo(self.address);
        request.extensions_mut().insert(from);
        let router = self.console.router.clone();
        let response = router.oneshot(request).await.unwrap();
        if let Some(cookie) = response.headers().get(header::SET_COOKIE) {
            let cookie = cookie.to_str().unwrap();
            let pair = cookie.split(';').next().unwrap().to_owned();
            let cookie = (!cookie.contains("Max-Age=0")).then_some(pair);
            if cookie != self.cookie {
                self.csrf.clear();
            }
            self.cookie = cookie;
        }
        response
    }
}

/// The token that the forms of a page carry.
fn token(page: &[u8]) -> Option<String> {
    let text = str::from_utf8(page).ok()?;
    let (_, rest) = text.split_once("name=\"csrf\" value=\"")?;
    let (token, _) = rest.split_once('"')?;
    Some(token.to_owned())
}

fn form(address: &str) -> http::request::Builder {
    Request::post(address).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

fn body(fields: &[(&str, &str)]) -> Body {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.extend_pairs(fields);
    Body::from(form.finish())
}
