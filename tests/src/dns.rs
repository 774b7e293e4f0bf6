//! A name server on the loopback, with the zone `test` that a test fills as it goes.

use std::net::{IpAddr, SocketAddr};
use std::str::FromStr as _;
use std::sync::Arc;

use hickory_server::net::runtime::TokioRuntimeProvider;
use hickory_server::proto::rr::rdata::{A, SOA, SRV};
use hickory_server::proto::rr::{Name, RData, Record};
use hickory_server::store::in_memory::InMemoryZoneHandler;
use hickory_server::zone_handler::{AxfrPolicy, Catalog, ZoneHandler, ZoneType};
use tokio::net::UdpSocket;
use tokio::runtime::Runtime;

use crate::Failure;

/// How long an answer may be remembered, in seconds: not at all.
const TTL: u32 = 0;

/// A running name server. Dropped, it ends.
pub struct NameServer {
    address: SocketAddr,
    zone: Arc<InMemoryZoneHandler<TokioRuntimeProvider>>,
    runtime: Runtime,
}

impl NameServer {
    /// Starts a name server for the zone `test`, which is empty.
    ///
    /// # Errors
    /// [`Failure::Io`] if no port is free.
    pub fn start() -> Result<Self, Failure> {
        let runtime = Runtime::new().map_err(Failure::io("starting a runtime"))?;
        let origin = name("test.")?;
        let zone = Arc::new(InMemoryZoneHandler::empty(
            origin.clone(),
            ZoneType::Primary,
            AxfrPolicy::Deny,
        ));
        let soa = SOA::new(
            name("ns.test.")?,
            name("hostmaster.test.")?,
            1,
            60,
            60,
            60,
            0,
        );
        let mut catalog = Catalog::new();
        let handler: Arc<dyn ZoneHandler> = zone.clone();
        catalog.upsert(origin.clone().into(), vec![handler]);
        let address = runtime.block_on(async {
            zone.upsert(Record::from_rdata(origin, TTL, RData::SOA(soa)), 1)
                .await;
            let socket = UdpSocket::bind(("127.0.0.1", 0)).await?;
            let address = socket.local_addr()?;
            let mut server = hickory_server::Server::new(catalog);
            server.register_socket(socket);
            // It lives as long as its runtime does.
            tokio::spawn(async move { server.block_until_done().await });
            Ok(address)
        });
        Ok(Self {
            address: address.map_err(Failure::io("binding the name server"))?,
            zone,
            runtime,
        })
    }

    /// Where it answers.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Adds the SRV record that RVP clients and servers look up.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if a name is none.
    pub fn add_service(&self, domain: &str, target: &str, port: u16) -> Result<(), Failure> {
        let target = name(&format!("{target}."))?;
        let srv = RData::SRV(SRV::new(0, 0, port, target));
        self.add(&format!("_rvp._tcp.{domain}."), srv)
    }

    /// Adds an address.
    ///
    /// # Errors
    /// [`Failure::Unexpected`] if the name is none, or the address is not of IPv4.
    pub fn add_address(&self, host: &str, address: &str) -> Result<(), Failure> {
        match address.parse() {
            Ok(IpAddr::V4(address)) => self.add(&format!("{host}."), RData::A(A(address))),
            _ => Err(Failure::Unexpected(format!("{address} is no IPv4 address"))),
        }
    }

    fn add(&self, owner: &str, data: RData) -> Result<(), Failure> {
        let record = Record::from_rdata(name(owner)?, TTL, data);
        self.runtime.block_on(self.zone.upsert(record, 1));
        Ok(())
    }
}

fn name(text: &str) -> Result<Name, Failure> {
    Name::from_str(text).map_err(|error| Failure::Unexpected(format!("{text}: {error}")))
}
