//! What holds for every operation, whichever it is.

use super::House;
use crate::admin::OPERATIONS;
use api::{Actor, Error, Kind, Method, Role};
use serde_json::json;
use std::collections::HashSet;

fn actor(role: Role) -> Actor {
    Actor {
        name: "somebody".to_owned(),
        role,
        from: "here".to_owned(),
        only: None,
    }
}

#[tokio::test]
async fn nobody_does_what_their_role_does_not_allow() {
    let house = House::new().await;
    for entry in OPERATIONS {
        for role in [Role::Viewer, Role::Operator] {
            let nothing = json!({});
            let said = house.admin.call_json(&actor(role), entry, nothing).await;
            let refused = matches!(said, Err(Error::Forbidden));
            assert_eq!(refused, entry.role > role, "{} as {role:?}", entry.name);
        }
        // Who is kept to something else does not do this.
        let kept = Actor {
            only: Some(vec!["none".to_owned()]),
            ..actor(Role::Administrator)
        };
        let said = house.admin.call_json(&kept, entry, json!({})).await;
        assert_eq!(said, Err(Error::Forbidden), "{}", entry.name);
    }
}

#[test]
fn names_and_routes_are_each_of_one_operation() {
    let names: HashSet<_> = OPERATIONS.iter().map(|it| it.name).collect();
    assert_eq!(names.len(), OPERATIONS.len());
    let routes: HashSet<_> = OPERATIONS
        .iter()
        .map(|it| format!("{:?} {}", it.route.method, it.route.path))
        .collect();
    assert_eq!(routes.len(), OPERATIONS.len());
    for entry in OPERATIONS {
        // What looks is safe to repeat, and what changes something is no link.
        let looks = entry.route.method == Method::Get;
        assert_eq!(looks, entry.kind == Kind::Query, "{}", entry.name);
    }
}
