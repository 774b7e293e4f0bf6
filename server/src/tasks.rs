//! Tasks that live as long as the server. One that ends before it should is noticed: a server
//! that has lost a part of itself must not look as if it worked.

use std::collections::HashMap;
use tokio::task::{Id, JoinSet};

/// Tasks by name.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    running: JoinSet<()>,
    names: HashMap<Id, &'static str>,
}

impl Tasks {
    /// Starts a task.
    pub(crate) fn spawn(
        &mut self,
        name: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let id = self.running.spawn(task).id();
        self.names.insert(id, name);
    }

    /// Waits for the first task that ends, and gives its name; without tasks for ever.
    pub(crate) async fn ended(&mut self) -> &'static str {
        match self.running.join_next_with_id().await {
            Some(Ok((id, ()))) => self.name(id),
            Some(Err(error)) => self.name(error.id()),
            None => std::future::pending().await,
        }
    }

    /// Waits until all have ended.
    pub(crate) async fn all_ended(&mut self) {
        while self.running.join_next().await.is_some() {}
    }

    fn name(&mut self, id: Id) -> &'static str {
        self.names.remove(&id).unwrap_or("?")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_is_named_while_the_others_go_on() {
        let mut tasks = Tasks::default();
        tasks.spawn("steady", std::future::pending());
        tasks.spawn("faulty", async { panic!("on purpose") });
        assert_eq!(tasks.ended().await, "faulty");
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, tasks.ended()).await.is_err());
    }

    #[tokio::test]
    async fn without_tasks_none_ends_and_all_have() {
        let mut tasks = Tasks::default();
        tasks.all_ended().await;
        let wait = std::time::Duration::from_millis(20);
        assert!(tokio::time::timeout(wait, tasks.ended()).await.is_err());
    }
}
