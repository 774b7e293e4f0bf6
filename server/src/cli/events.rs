//! `rollcall events`

use super::request::refusal;
use super::{DataArgs, output};
use crate::admin_http::PREFIX;
use crate::admin_socket::ControlError;
use anyhow::Context as _;
use api::{Event, Happening};
use bytes::Bytes;
use clap::Args;
use clap::builder::PossibleValuesParser;
use http::{Request, Response};
use http_body_util::{BodyExt as _, Full};

/// The largest event that is taken, in bytes.
const MAX_EVENT: usize = 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct EventsArgs {
    /// Only this kind; may be given several times.
    #[arg(long = "kind", value_parser = PossibleValuesParser::new(Happening::KINDS))]
    kinds: Vec<String>,
    /// Begin after the event of this number, as far as it is still known.
    #[arg(long, value_name = "NUMBER")]
    after: Option<u64>,
    /// As JSON, a line each.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    data: DataArgs,
}

/// Prints what happens until the server ends or somebody has seen enough.
pub(super) async fn run(args: EventsArgs) -> anyhow::Result<()> {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(args.kinds.iter().map(|kind| ("kind", kind)));
    if let Some(after) = args.after {
        query.append_pair("after", &after.to_string());
    }
    let request = Request::get(format!("{PREFIX}/events?{}", query.finish()));
    let client = args.data.client()?;
    let answer = client.follow(request.body(Full::default())?).await?;
    let answer = answer.ok_or(ControlError::NotRunning)?;
    let (head, mut body) = answer.into_parts();
    if !head.status.is_success() {
        let body = body.collect().await?.to_bytes();
        return Err(refusal(&Response::from_parts(head, body)));
    }
    let mut rest: Vec<u8> = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.context("the server broke off")?;
        rest.extend_from_slice(&frame.into_data().unwrap_or_else(|_| Bytes::new()));
        anyhow::ensure!(
            rest.len() <= MAX_EVENT,
            "the server sends something that is no event"
        );
        while let Some(end) = rest.windows(2).position(|two| two == b"\n\n") {
            let message: Vec<u8> = rest.drain(..end + 2).collect();
            show(&String::from_utf8_lossy(&message), args.json)?;
            if !output::flush() {
                return Ok(());
            }
        }
    }
    Ok(())
}

fn show(message: &str, json: bool) -> anyhow::Result<()> {
    let data: Vec<_> = message
        .lines()
        .filter_map(|line| line.strip_prefix("data: "))
        .collect();
    if data.is_empty() {
        return Ok(());
    }
    let data = data.join("\n");
    if json {
        output::line(data);
        return Ok(());
    }
    let event: Event = serde_json::from_str(&data)
        .context("the server tells something that this program does not understand; use the program of the server's version")?;
    let at = output::moment(event.at);
    output::line(format_args!(
        "{at} {:<18} {}",
        event.what.kind(),
        said(&event.what)
    ));
    Ok(())
}

fn said(what: &Happening) -> String {
    match what {
        Happening::SignOn {
            alias,
            client,
            address,
        } => format!("{alias} from {address} {client}"),
        Happening::SignOff { alias } => alias.clone(),
        Happening::State { alias, state } => format!("{alias} {state}"),
        Happening::InvitationRefused {
            sender,
            recipient,
            feature,
            policy,
        } => format!("{feature} of {sender} to {recipient} by {policy}"),
        Happening::SignOnFailed { name, address } => format!("{name} from {address}"),
        Happening::Act {
            actor,
            from,
            action,
            target,
            detail,
        } => format!("{action} {target} by {actor} ({from}) {detail}"),
        Happening::Lost {} => "more happened than is kept".to_owned(),
    }
}
