// The page: who has a key gets to the workbench, everybody else to the form for one.

import { at } from "./dom.js";
import { startAsking } from "./ask.js";
import { startDocuments } from "./documents.js";
import { Failure, forget, json, keep, key } from "./service.js";

const documents = startDocuments(refused);
startAsking(refused);

/** Send the visitor back to the form where a failure says that the key is wrong; else false. */
function refused(error) {
  if (!(error instanceof Failure) || error.status !== 401) return false;
  lock(error.message);
  return true;
}

function lock(message = "") {
  forget();
  show(false);
  at("key-error").textContent = message;
  at("key").focus();
}

function show(open) {
  at("gate").hidden = open;
  at("workbench").hidden = !open;
  at("forget").hidden = !open;
}

async function open() {
  try {
    await json("documents?limit=1");
  } catch (error) {
    if (!refused(error)) lock(error.message);
    return;
  }
  at("key").value = "";
  at("key-error").textContent = "";
  show(true);
  at("question").focus();
  await documents.reload();
}

at("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  keep(at("key").value.trim());
  open();
});

at("forget").addEventListener("click", () => {
  forget();
  location.reload(); // nothing of what was read stays on the page
});

if (key()) open();
else show(false);
