// Programs that cannot run here, by what their makers document that they send: Power Query (Excel, Power BI) and Salesforce
// Connect. Invariant: each request is written out as it goes over the wire; nothing is encoded on the way.
import { request as send } from "node:http";
import { expect, parts, type Service, test } from "../support/service.ts";

interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: string;
  json: any;
}

/** Sends a GET for exactly this path and query behind the service's root. */
function get(service: Service, path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { hostname, port, pathname } = new URL(service.root);
  return new Promise((done, failed) => {
    const request = send({ hostname, port, path: pathname + path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const body = Buffer.concat(chunks).toString();
        const json = /json/.test(response.headers["content-type"] ?? "") ? JSON.parse(body) : undefined;
        done({ status: response.statusCode ?? 0, headers: response.headers, body, json });
      });
    });
    request.on("error", failed);
    request.end();
  });
}

const basic = (service: Service) => `Basic ${Buffer.from(`excel:${service.key}`).toString("base64")}`;
const names = (answer: Answer) => answer.json.value.map((part: any) => part.Part);
const sorted = (wanted: (part: (typeof parts)[number]) => boolean) => parts.filter(wanted).map((part) => part.Part);

test("Power Query navigates, folds and pages", async ({ stock }) => {
  // It tries without credentials first and asks the person for some that the challenge names.
  const accept = [
    "application/json;odata.metadata=minimal;q=1.0",
    "application/json;odata.metadata=full;q=0.9",
    "application/atomsvc+xml;q=0.8",
    "application/xml;q=0.5",
    "text/plain;q=0.1",
  ];
  const versions = { "OData-MaxVersion": "4.0", Accept: accept.join(",") };
  const asked = await get(stock, "", versions);
  expect([asked.status, asked.headers["www-authenticate"]]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
  const headers = { ...versions, Authorization: basic(stock) };
  const service = await get(stock, "", headers);
  expect([service.status, service.headers["odata-version"]]).toEqual([200, "4.0"]);
  expect(service.json.value).toMatchObject([{ name: "Data", kind: "EntitySet", url: "Data" }]);
  // The metadata is where the service document's context says.
  const context = service.json["@odata.context"] as string;
  const metadata = await get(stock, context.slice(stock.root.length), { ...headers, Accept: "application/xml" });
  expect([metadata.status, metadata.headers["odata-version"]]).toEqual([200, "4.0"]);
  expect(metadata.body).toContain('<EntitySet Name="Data" EntityType="App.DataRow">');
  // The preview: a thousand rows of everything, then the steps folded into the request.
  const preview = await get(stock, "Data?$top=1000", headers);
  expect(names(preview).sort()).toEqual(sorted(() => true));
  const check = async (query: string, expected: string[]) => {
    const answer = await get(stock, `Data?${query}`, headers);
    expect(answer.status, `${query}: ${answer.body}`).toBe(200);
    expect(names(answer), query).toEqual(expected);
  };
  const order = "&$select=Part,Quantity&$orderby=Part&$top=1000";
  await check(`$filter=Quantity%20gt%2030%20and%20Active%20eq%20true${order}`, sorted((part) => part.Quantity > 30 && part.Active));
  await check(`$filter=Price%20ge%205%20and%20Price%20lt%2010${order}`, sorted(({ Price }) => Price >= 5 && Price < 10));
  await check(`$filter=Bought%20ge%202026-03-20${order}`, sorted((part) => part.Bought >= "2026-03-20"));
  await check(`$filter=year(Bought)%20eq%202026%20and%20day(Bought)%20eq%205${order}`, ["P-0005"]);
  await check(`$filter=startswith(Name,'Part%20001')${order}`, sorted((part) => part.Name.startsWith("Part 001")));
  await check(`$filter=contains(Name,'00')%20or%20endswith(Name,'Co')${order}`, sorted(({ Name }) => /00|Co$/.test(Name)));
  await check(`$filter=Name%20eq%20'O''Neill%20%26%20S%C3%B6hne%20%2B%20Co'${order}`, ["P-0007"]);
  await check(`$filter=Name%20ne%20null%20and%20not%20(Active%20eq%20true)${order}`, sorted((part) => !part.Active));
  const most = [...parts].sort((one, other) => other.Quantity - one.Quantity || (one.Part < other.Part ? -1 : 1));
  const third = most.slice(2, 4).map((part) => part.Part);
  await check("$orderby=Quantity%20desc,Part%20asc&$skip=2&$top=2&$select=Part", third);
  const count = await get(stock, "Data/$count", headers);
  expect([count.status, count.body]).toEqual([200, String(parts.length)]);
  const some = await get(stock, "Data/$count?$filter=Active%20eq%20true", headers);
  expect(some.body).toBe(String(parts.filter((part) => part.Active).length));
  // Loading: what the server pages, it follows.
  const seen: string[] = [];
  for (let next: string | undefined = "Data?$select=Part,Name&$orderby=Part"; next; ) {
    const page: Answer = await get(stock, next, { ...headers, Prefer: "odata.maxpagesize=10" });
    expect(page.headers["preference-applied"]).toBe("odata.maxpagesize=10");
    seen.push(...names(page));
    next = page.json["@odata.nextLink"]?.slice(stock.root.length);
  }
  expect(seen).toEqual(sorted(() => true));
  // A wrong key is asked for again, not answered as if nothing were there.
  const wrong = await get(stock, "", { ...headers, Authorization: basic({ ...stock, key: "gk_wrong" }) });
  expect([wrong.status, wrong.headers["www-authenticate"]]).toEqual([401, expect.stringMatching(/^Basic realm=/)]);
});

test("Salesforce Connect syncs, lists, searches and shows a row", async ({ stock }) => {
  const headers = { Authorization: basic(stock), Accept: "application/json", "OData-MaxVersion": "4.01" };
  const metadata = await get(stock, "$metadata", { ...headers, Accept: "application/xml" });
  expect([metadata.status, metadata.headers["odata-version"]]).toEqual([200, "4.01"]);
  expect(metadata.body).toContain('<PropertyRef Name="RowId"/>');
  const check = async (query: string, expected: string[], total: number | undefined) => {
    const answer = await get(stock, `Data?${query}`, headers);
    expect(answer.status, `${query}: ${answer.body}`).toBe(200);
    expect(names(answer), query).toEqual(expected);
    expect(answer.json["@count"], query).toBe(total);
    return answer.json.value;
  };
  const all = sorted(() => true);
  const select = "$select=Part,Name,Quantity,RowId";
  const [first] = await check(`$count=true&$orderby=Part&${select}&$skip=0&$top=10`, all.slice(0, 10), parts.length);
  await check(`$count=true&$orderby=Part&${select}&$skip=10&$top=10`, all.slice(10, 20), parts.length);
  await check(`$count=true&$orderby=Part&${select}&$skip=20&$top=10`, all.slice(20), parts.length);
  await check(`$count=false&$orderby=Part%20desc&${select}&$top=2`, ["P-0025", "P-0024"], undefined);
  // A row is asked for by the external id; what comes back must say the same value.
  const [row] = await check(`$filter=RowId%20eq%20${first.RowId}&$count=true&${select}&$top=1`, ["P-0001"], 1);
  expect(row.RowId).toBe(first.RowId);
  await check(`$filter=Part%20eq%20'P-0003'%20or%20Part%20eq%20'P-0009'&$orderby=Part&$count=true&${select}`, ["P-0003", "P-0009"], 2);
  await check(`$filter=contains(Name,'0012')%20and%20Quantity%20ge%200&$count=true&${select}`, ["P-0012"], 1);
  await check(`$search=%22Part%200021%22&$count=true&${select}&$top=25&$skip=0`, ["P-0021"], 1);
  await check(`$search=0021&$count=true&${select}&$top=25&$skip=0`, ["P-0021"], 1);
});
