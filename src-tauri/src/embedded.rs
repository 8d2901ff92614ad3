//! The service inside this process.

use std::path::Path;

use crate::backend::{Backend, Failure};

pub struct Running;

impl Running {
    pub async fn stop(&self) {}
}

pub async fn start(_data: &Path, _demo: bool) -> Result<(Backend, Running), Failure> {
    Err("the service crate is being written".into())
}
