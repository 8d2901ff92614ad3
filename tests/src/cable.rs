use std::{
    io,
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
};

use anyhow::{Context, Result};

/// A cable between a service and its database that can be pulled out and put back: what runs through it breaks off at once,
/// and nobody new gets through meanwhile.
pub struct Cable {
    address: SocketAddr,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    out: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Cable {
    /// To `HOST:PORT`.
    pub fn to(target: &str) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let state = Arc::<State>::default();
        let (there, shared) = (target.to_owned(), Arc::clone(&state));
        thread::spawn(move || {
            for near in listener.incoming().map_while(io::Result::ok) {
                // Dropped, the connection is refused from the asker's point of view.
                if !shared.out.load(Ordering::SeqCst) {
                    drop(join(near, &there, &shared));
                }
            }
        });
        Ok(Self { address, state })
    }

    /// A database's address by way of this cable, for one that names `HOST:PORT`.
    pub fn through(&self, url: &str) -> Result<String> {
        let (start, rest) = url.split_once('@').context("an address with a user")?;
        let (_, database) = rest.split_once('/').context("an address with a database")?;
        Ok(format!("{start}@{}/{database}", self.address))
    }

    pub fn pull_out(&self) {
        self.state.out.store(true, Ordering::SeqCst);
        for stream in lock(&self.state.open).drain(..) {
            drop(stream.shutdown(std::net::Shutdown::Both));
        }
    }

    pub fn put_back(&self) {
        self.state.out.store(false, Ordering::SeqCst);
    }
}

fn join(near: TcpStream, target: &str, state: &State) -> io::Result<()> {
    let far = TcpStream::connect(target)?;
    lock(&state.open).extend([near.try_clone()?, far.try_clone()?]);
    for (mut from, mut into) in [(near.try_clone()?, far.try_clone()?), (far, near)] {
        thread::spawn(move || {
            drop(io::copy(&mut from, &mut into));
            drop(into.shutdown(std::net::Shutdown::Both));
        });
    }
    Ok(())
}

fn lock(streams: &Mutex<Vec<TcpStream>>) -> std::sync::MutexGuard<'_, Vec<TcpStream>> {
    streams.lock().unwrap_or_else(PoisonError::into_inner)
}
