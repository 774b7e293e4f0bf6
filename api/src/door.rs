//! The door that everybody comes through.

use crate::{Actor, Error, Operation};
use async_trait::async_trait;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::any::Any;

/// It was done, and there is nothing more to say.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {}

/// Carries operations out, whichever they are. Within one process nothing is written as JSON: the
/// values pass as they are.
#[async_trait]
pub trait Door: Send + Sync + 'static {
    /// Carries out the operation of this name; its input and its output are those of
    /// [`Operation`]. Use [`call`](trait.Door.html#method.call) instead.
    async fn call_any(
        &self,
        actor: &Actor,
        name: &'static str,
        operation: Box<dyn Any + Send>,
    ) -> Result<Box<dyn Any + Send>, Error>;
}

impl dyn Door + '_ {
    /// Carries an operation out in the name of somebody.
    ///
    /// # Errors
    /// Those of the operation.
    pub async fn call<O: Operation>(
        &self,
        actor: &Actor,
        operation: O,
    ) -> Result<O::Output, Error> {
        let output = self.call_any(actor, O::NAME, Box::new(operation)).await?;
        let output = output.downcast::<O::Output>();
        output
            .map(|it| *it)
            .map_err(|_| Error::Internal(format!("{} gave something else than it should", O::NAME)))
    }
}
