// The one entry. Every page works without it; each module adds one convenience and does nothing where it finds nothing.
import { attach } from "./attach.js";
import { bolForm } from "./bol-form.js";
import { browser } from "./browser.js";
import { errorSummary } from "./errors.js";
import { guard } from "./guard.js";
import { keys } from "./keys.js";
import { live } from "./live.js";
import { menus } from "./menus.js";
import { miniature } from "./miniature.js";
import { palette } from "./palette.js";
import { pdfState } from "./pdf-state.js";
import { reveal } from "./reveal.js";
import { rows } from "./rows.js";
import { selection } from "./selection.js";
import { submits } from "./submits.js";
import { combos } from "./combo.js";

for (const begin of [errorSummary, combos, guard, live, menus, palette, reveal, rows, selection, submits, keys, bolForm, miniature, pdfState, attach, browser]) begin(document);
