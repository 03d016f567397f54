//! Who sees a camera.

use std::collections::HashSet;

use crate::{
    FormErrors,
    cameras::{Grantee, model::camera},
    form::FormData,
    ids::UserId,
    ui::prelude::*,
    urls,
};

/// What the form says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct People {
    /// Who stood on the page.
    pub listed: HashSet<UserId>,
    pub chosen: HashSet<UserId>,
    pub open_to_all: bool,
}

impl People {
    #[must_use]
    pub fn from_form(form: &FormData) -> Self {
        let ids = |name| form.all(name).filter_map(|id| id.parse().ok()).collect();
        Self { listed: ids("listed"), chosen: ids("people"), open_to_all: form.has("open_to_all") }
    }
}

/// `chosen`: as typed, where it was refused.
pub fn grants(
    camera: &camera::Model,
    people: Vec<Grantee>,
    typed: Option<&People>,
    errors: FormErrors,
) -> impl IntoView + use<> {
    let everybody = typed.map_or(camera.open_to_all, |typed| typed.open_to_all);
    let everybody = errors.field("open_to_all", if everybody { "on" } else { "" });
    let nobody = people.is_empty();
    let rows = people
        .into_iter()
        .map(|person| {
            let granted = typed.map_or(person.granted, |typed| typed.chosen.contains(&person.id));
            let id = person.id.to_string();
            view! {
                <tr>
                    <td class="pick">
                        <Hidden name="listed" value=id.clone()/>
                        <label class="tick">
                            <input type="checkbox" name="people" value=id checked=granted/>
                            <span class="sr">{format!("{} sees it", person.name)}</span>
                        </label>
                    </td>
                    <th scope="row">{person.name.clone()}</th>
                    <td>{person.email}</td>
                    <td>{person.role.to_string()}</td>
                </tr>
            }
        })
        .collect_view();
    let columns = vec![Column::hidden("Sees it"), Column::text("Person"), Column::text("Email"), Column::text("Role")];
    let list = match nobody {
        true => view! {
            <EmptyList title="Nobody to choose" icon="users">
                <p>"Only admins have accounts so far, and they see every camera."</p>
                <p><a href=urls::USERS_INVITE>"Invite somebody"</a></p>
            </EmptyList>
        }
        .into_any(),
        false => view! { <Table caption="People" columns>{rows}</Table> }.into_any(),
    };
    let back = urls::camera(camera.id);
    view! {
        <ErrorSummary errors/>
        <PageHead
            title=format!("Who sees {}", camera.name)
            sub="Admins see every camera. Choose who else sees this one, live and recorded. Each change is on record."
        />
        <PostForm action=urls::camera_do(camera.id, "grants") guarded=true>
            <Checkbox field=everybody label="Everybody who may see cameras" hint="Then it does not matter who is chosen below"/>
            {list}
            <div class="buttons"><Button label="Save" kind=Kind::Primary/><a href=back>"Cancel"</a></div>
        </PostForm>
    }
}
