// A district's software on Node and nats.js: node district.cjs FILE COUNT RESEND_S
const { connect } = require("nats");
const { readFileSync } = require("node:fs");

const [file, count, resendS] = process.argv.slice(2);
const given = JSON.parse(readFileSync(file, "utf8"));
const district = given.district;
const events = [];
const unanswered = new Map();
const sentAt = new Map();

function add(target, more = {}) {
  const number = events.length + 1;
  const data = { organization: district, year: "2025", target, set_on: "2025-01-06" };
  const event = { specversion: "1.0", id: `n-${number}`, source: "urn:node", number, type: "registry.AdmissionTargetSet.v1", data, ...more };
  events.push(event);
  unanswered.set(event.id, event);
}

async function main() {
  for (let n = 1; n <= Number(count); n++) add(n);
  const line = await connect({
    servers: given.nats, user: given.user, pass: given.password, inboxPrefix: given.inbox_prefix,
    tls: given.nats[0].startsWith("tls:") ? { ca: given.authority ?? undefined } : undefined,
    maxReconnectAttempts: -1, reconnectTimeWait: 200,
  });
  const ask = async (subject, body) => {
    try { return (await line.request(subject, JSON.stringify(body), { timeout: 1000 })).json(); } catch { return null; }
  };
  const send = (event) => {
    sentAt.set(event.id, Date.now());
    return ask(`intake.${district}.${event.type.split(".")[1]}`, event);
  };
  line.subscribe(`receipts.${district}.>`, {
    callback: (error, message) => {
      const told = message.json();
      if (message.subject.endsWith(".Wanted")) {
        for (const [first, last] of told.missing) for (let n = first; n <= last; n++) send(events[n - 1]);
      } else if (unanswered.delete(told.id) && told.outcome === "rejected") {
        add(1, { replaces: told.id });
      }
    },
  });
  await line.flush();
  while (unanswered.size) {
    for (const event of [...unanswered.values()]) {
      if (Date.now() - (sentAt.get(event.id) ?? 0) >= 1000 * Number(resendS)) await send(event);
    }
    await ask(`received.registry.${district}`, { source: "urn:node", last: events.length });
  }
  await line.close();
}

main();
