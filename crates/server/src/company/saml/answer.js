const said = document.querySelector("main").dataset;
const mark = { "content-type": "application/json", "x-gridkeep": "1" };
// The same place, and the endpoint of our own pages there.
const to = location.pathname.replace("/company/", "/api/company/");
fetch(to, { method: "POST", headers: mark, body: JSON.stringify({ response: said.response }) })
  .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
  .then((done) => {
    if (done.tested) sessionStorage.setItem("gridkeep.company.tested", JSON.stringify(done.tested));
    location.replace(done.location);
  })
  .catch(() => {
    document.querySelector("#going").hidden = true;
    document.querySelector("#failed").hidden = false;
    document.querySelector("#failed a").focus();
  });
