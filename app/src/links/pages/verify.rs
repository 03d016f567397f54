//! `/verify/{code}`: number, revision, valid or not, SHA-256, and nothing else.

use crate::{
    links::{Verdict, Verified},
    ui::prelude::*,
};

pub fn verified(found: Verified) -> impl IntoView {
    let (tone, word, what) = match found.verdict {
        Verdict::Valid => (Tone::Ok, "Valid", "This bill of lading is on record and in force."),
        Verdict::Void => (Tone::Bad, "Void", "This bill of lading was voided. Do not use it."),
        Verdict::Superseded => {
            (Tone::Warn, "Superseded", "A later revision took the place of this one. Do not use it.")
        }
    };
    let sha256 = found
        .sha256
        .map(|sha256| view! { <Fact label="SHA-256 of the PDF" mono=true><span class="hash">{sha256}</span></Fact> });
    view! {
        <div class="narrow">
            <h1><span class="mono">{found.number}</span>" "<Status tone word/></h1>
            <p>{what}</p>
            <Facts>
                <Fact label="Revision">{found.revision}</Fact>
                {sha256}
            </Facts>
        </div>
    }
}

pub fn not_on_record() -> impl IntoView {
    view! {
        <div class="narrow">
            <h1>"Not on record"</h1>
            <p>"No bill of lading is on record under this code. Scan the code on the paper once more; if it leads here again, the paper is not genuine or not from this yard."</p>
        </div>
    }
}
