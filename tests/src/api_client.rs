//! A program that uses the REST API.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

use crate::Failure;
use crate::server::Server;

/// A program with a token.
#[derive(Clone, Debug)]
pub struct ApiClient {
    address: SocketAddr,
    token: Option<String>,
}

/// What the API answered.
#[derive(Clone, Debug)]
pub struct ApiAnswer {
    /// The HTTP status.
    pub status: u16,
    /// The head, with the names of headers in lower case.
    pub head: String,
    /// The body; `Null` if it is no JSON.
    pub json: Value,
}

/// An event of the stream.
#[derive(Clone, Debug, Default)]
pub struct ApiEvent {
    /// Its number.
    pub id: String,
    /// What happened.
    pub json: Value,
}

impl ApiAnswer {
    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &&str| line.split_once(':').is_some_and(|(key, _)| key == name);
        let found = self.head.lines().find(line)?;
        found.split_once(':').map(|(_, value)| value.trim())
    }

    /// The answer, if it has this status.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] with what it was instead.
    pub fn expect(self, status: u16) -> Result<Self, Failure> {
        if self.status == status {
            return Ok(self);
        }
        let (got, json) = (self.status, &self.json);
        Err(Failure::Unexpected(format!(
            "{got} instead of {status}: {json}"
        )))
    }
}

impl Server {
    /// A program with a fresh token of this role.
    ///
    /// # Errors
    /// As [`Server::run`].
    pub fn api(&self, role: &str) -> Result<ApiClient, Failure> {
        let name = format!("test-{role}");
        let word = self.run(&["token", "add", &name, "--role", role], "")?;
        Ok(ApiClient {
            address: self.console(),
            token: Some(word.trim().to_owned()),
        })
    }

    /// A program with this token, or with none.
    #[must_use]
    pub fn api_with(&self, token: Option<&str>) -> ApiClient {
        ApiClient {
            address: self.console(),
            token: token.map(str::to_owned),
        }
    }
}

impl ApiClient {
    /// Its token.
    #[must_use]
    pub fn token(&self) -> Option<&str> {
        self.token.as_deref()
    }

    /// Asks for a path below `/api/v1`.
    ///
    /// # Errors
    /// [`Failure::Io`] if there is no answer.
    pub fn get(&self, path: &str) -> Result<ApiAnswer, Failure> {
        self.send("GET", path, &[], None)
    }

    /// Follows what happens until so many events came.
    ///
    /// # Errors
    /// [`Failure::Io`] if they do not come.
    pub fn events(&self, query: &str, count: usize) -> Result<Vec<ApiEvent>, Failure> {
        let token = self.token.as_deref().unwrap_or_default();
        let head = format!(
            "GET /api/v1/events{query} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\r\n",
            self.address
        );
        let mut events = Vec::new();
        let mut follow = || -> std::io::Result<()> {
            let mut stream = TcpStream::connect(self.address)?;
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            stream.write_all(head.as_bytes())?;
            let mut event = ApiEvent::default();
            for line in BufReader::new(stream).lines() {
                let line = line?;
                if let Some(id) = line.strip_prefix("id: ") {
                    id.clone_into(&mut event.id);
                } else if let Some(data) = line.strip_prefix("data: ") {
                    event.json = serde_json::from_str(data).unwrap_or_default();
                    events.push(std::mem::take(&mut event));
                }
                if events.len() == count {
                    break;
                }
            }
            Ok(())
        };
        follow().map_err(Failure::io("following events"))?;
        Ok(events)
    }

    /// Sends fields to a path below `/api/v1`.
    ///
    /// # Errors
    /// [`Failure::Io`] if there is no answer.
    pub fn send(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: Option<&Value>,
    ) -> Result<ApiAnswer, Failure> {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut text = format!(
            "{method} /api/v1{path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {}\r\n",
            self.address,
            body.len()
        );
        if let Some(token) = &self.token {
            text.push_str(&format!("Authorization: Bearer {token}\r\n"));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        text.push_str("\r\n");
        text.push_str(&body);
        let io = Failure::io("asking the API");
        let mut answer = Vec::new();
        let asked = TcpStream::connect(self.address).and_then(|mut stream| {
            stream.set_read_timeout(Some(Duration::from_secs(30)))?;
            stream.write_all(text.as_bytes())?;
            stream.read_to_end(&mut answer)
        });
        asked.map_err(io)?;
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.split(' ').nth(1).and_then(|it| it.parse().ok());
        Ok(ApiAnswer {
            status: status.unwrap_or(0),
            head: lower_names(head),
            json: serde_json::from_str(body).unwrap_or(Value::Null),
        })
    }
}

fn lower_names(head: &str) -> String {
    let line = |line: &str| match line.split_once(':') {
        Some((name, value)) => format!("{}:{value}\n", name.to_ascii_lowercase()),
        None => format!("{line}\n"),
    };
    head.lines().map(line).collect()
}
