//! Answers: status, reason phrase, headers, body, and what is to be told once they are sent.

use crate::delivery::{Delivery, Relay};
use crate::presence::{Answered, CallBackRef, Event, Refused};
use crate::store::StoreError;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use http::{HeaderMap, Response, StatusCode};
use http_body_util::Full;
use hyper::body::{Body, Frame, SizeHint};
use hyper::ext::ReasonPhrase;
use std::pin::Pin;
use std::task::{Context, Poll};

/// `text/xml` in lower case: librvp compares.
const XML: HeaderValue = HeaderValue::from_static("text/xml");
const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// An answer to one request.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
    /// Told once the answer is on its way: a client may not listen while it waits for it.
    pub(super) after: Vec<Event>,
    /// What it says of a node that is watched from now on: told then, if it is not so any more.
    pub(super) answered: Option<Answered>,
    /// Messages of the server itself, sent then.
    pub(super) notices: Vec<(CallBackRef, Relay)>,
}

impl Answer {
    /// An answer without a body.
    pub(super) fn empty(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::new(),
            body: Bytes::new(),
            after: Vec::new(),
            answered: None,
            notices: Vec::new(),
        }
    }

    /// An answer with an XML body.
    pub(super) fn xml(status: StatusCode, body: Vec<u8>) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(CONTENT_TYPE, XML);
        answer.body = body.into();
        answer
    }

    /// A refusal: a one-line reason as the body.
    pub(super) fn refusal(status: StatusCode, reason: &str) -> Self {
        let mut answer = Self::empty(status);
        answer.headers.insert(CONTENT_TYPE, PLAIN);
        answer.body = format!("{reason}\n").into();
        answer
    }

    /// With a header more.
    pub(super) fn with(mut self, name: HeaderName, value: &impl ToString) -> Self {
        if let Ok(value) = HeaderValue::from_str(&value.to_string()) {
            self.headers.append(name, value);
        }
        self
    }

    /// 401 with these challenges, in this order.
    pub(super) fn challenge(reason: &str, challenges: &[String]) -> Self {
        let answer = Self::refusal(StatusCode::UNAUTHORIZED, reason);
        challenges.iter().fold(answer, |answer, challenge| {
            answer.with(WWW_AUTHENTICATE, challenge)
        })
    }

    /// The one-line reason of a refusal.
    pub(super) fn reason(&self) -> &str {
        std::str::from_utf8(&self.body)
            .unwrap_or_default()
            .trim_end()
    }

    /// The response, which tells `after` through `delivery` when it has been sent.
    pub(super) fn into_response(self, delivery: &Delivery) -> Response<AnswerBody> {
        let silent = self.after.is_empty() && self.answered.is_none() && self.notices.is_empty();
        let then = (!silent).then(|| Then {
            delivery: delivery.clone(),
            events: self.after,
            answered: self.answered,
            notices: self.notices,
        });
        let mut response = Response::new(AnswerBody {
            body: Full::new(self.body),
            _then: then,
        });
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        if self.status == StatusCode::OK {
            response
                .extensions_mut()
                .insert(ReasonPhrase::from_static(b"Successful"));
        }
        response
    }
}

/// A body that tells watchers when the server is done with it.
pub(super) struct AnswerBody {
    body: Full<Bytes>,
    _then: Option<Then>,
}

struct Then {
    delivery: Delivery,
    events: Vec<Event>,
    answered: Option<Answered>,
    notices: Vec<(CallBackRef, Relay)>,
}

impl Drop for Then {
    /// The connection lets go of the body before it has written all: a task of its own comes
    /// after that.
    fn drop(&mut self) {
        let delivery = self.delivery.clone();
        let events = std::mem::take(&mut self.events);
        let (answered, notices) = (self.answered.take(), std::mem::take(&mut self.notices));
        // Without a runtime the server has ended, and nobody can be told.
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(async move {
                delivery.tell(events);
                if let Some(answered) = answered {
                    delivery.tell_newer(&answered);
                }
                delivery.inform(&notices);
            });
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// Why a method did not do it. Each has the status on which real clients do the right thing.
#[derive(Debug, thiserror::Error)]
pub(super) enum MethodError {
    /// The node database said no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The change could not be saved.
    #[error("the server could not save this; ask your administrator to look at its log")]
    Store(#[from] StoreError),
    /// Any other, with its status.
    #[error("{1}")]
    Status(StatusCode, String),
}

impl MethodError {
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the shape that map_err wants"
    )]
    pub(super) fn bad_request(reason: impl ToString) -> Self {
        Self::Status(StatusCode::BAD_REQUEST, reason.to_string())
    }

    #[expect(
        clippy::needless_pass_by_value,
        reason = "the shape that map_err wants"
    )]
    pub(super) fn forbidden(reason: impl ToString) -> Self {
        Self::Status(StatusCode::FORBIDDEN, reason.to_string())
    }

    /// 412: a precondition, or a recipient who is not there (RVP document 5.6).
    pub(super) fn failed(reason: &str) -> Self {
        Self::Status(StatusCode::PRECONDITION_FAILED, reason.to_string())
    }

    /// 503: what cannot be saved now may be later.
    pub(super) fn try_again(refused: &Refused) -> Self {
        Self::Status(StatusCode::SERVICE_UNAVAILABLE, refused.to_string())
    }

    pub(super) fn answer(&self) -> Answer {
        let status = match self {
            Self::Status(status, _) => *status,
            // A client that signs on hangs on 503 (observed: librvp); on 500 it says so.
            Self::Store(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Refused(refused) => match refused {
                Refused::NoSuchNode(_) => StatusCode::NOT_FOUND,
                Refused::NoSuchSubscription(_) => StatusCode::PRECONDITION_FAILED,
                // For a state without a sign-on librvp signs off visibly on 500, 501 and on
                // nothing else that says no: on 403 or 412 it stays "online", and deaf.
                Refused::NotSignedOn | Refused::Unsaved => StatusCode::INTERNAL_SERVER_ERROR,
                Refused::Disabled
                | Refused::Outdated
                | Refused::Blocked { .. }
                | Refused::NotYours(_)
                | Refused::Denied
                | Refused::TooMany(_) => StatusCode::FORBIDDEN,
            },
        };
        Answer::refusal(status, &self.to_string())
    }
}
