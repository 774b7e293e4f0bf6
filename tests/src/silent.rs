//! Call-backs that never answer, many at a time, without a thread for any of them.

use std::net::{SocketAddr, TcpListener, TcpStream};

use crate::Failure;

/// Sockets that listen and are never read. The system takes connections for them until its queue
/// is full; from then on it drops the packets that ask for one.
#[derive(Debug)]
pub struct Silent {
    listeners: Vec<TcpListener>,
    addresses: Vec<SocketAddr>,
    /// What fills the queues of those that cannot be connected.
    _fillers: Vec<TcpStream>,
}

impl Silent {
    /// So many, of which every tenth cannot even be connected.
    ///
    /// # Errors
    /// [`Failure::Io`] if the system has no ports left.
    pub fn listen(count: usize) -> Result<Self, Failure> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build()
            .map_err(Failure::io("starting a runtime"))?;
        let _context = runtime.enter();
        let mut silent = Self {
            listeners: Vec::with_capacity(count),
            addresses: Vec::with_capacity(count),
            _fillers: Vec::new(),
        };
        for place in 0..count {
            let listener = if place % 10 == 0 {
                silent.full()?
            } else {
                TcpListener::bind("127.0.0.1:0").map_err(Failure::io("listening in silence"))?
            };
            let address = listener
                .local_addr()
                .map_err(Failure::io("asking for the own address"))?;
            silent.addresses.push(address);
            silent.listeners.push(listener);
        }
        Ok(silent)
    }

    /// A socket whose queue is full.
    fn full(&mut self) -> Result<TcpListener, Failure> {
        let listen = || {
            let socket = tokio::net::TcpSocket::new_v4()?;
            socket.bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
            socket.listen(1)?.into_std()
        };
        let listener = listen().map_err(Failure::io("listening in silence"))?;
        let address = listener
            .local_addr()
            .map_err(Failure::io("asking for the own address"))?;
        // One more than it says, as Linux counts.
        for _ in 0..2 {
            let filler = TcpStream::connect(address).map_err(Failure::io("filling a queue"))?;
            self._fillers.push(filler);
        }
        Ok(listener)
    }

    /// A call-back's URL; those beyond the last are the first ones again.
    #[must_use]
    pub fn url(&self, place: usize) -> String {
        format!("http://{}", self.addresses[place % self.addresses.len()])
    }

    /// The port of one.
    #[must_use]
    pub fn port(&self, place: usize) -> u16 {
        self.addresses[place % self.addresses.len()].port()
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.listeners.len()
    }
}
