// emmett on PostgreSQL, as its documentation uses it: node emmett.mjs FOLDER URL TASK (JSON).
// npm put its packages into FOLDER, not beside this file.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { randomUUID } from "node:crypto";

const [folder, url] = process.argv.slice(2);
const task = JSON.parse(process.argv[4]);
const require = createRequire(pathToFileURL(`${folder}/package.json`));
const { getPostgreSQLEventStore, postgreSQLRawBatchSQLProjection } = require("@event-driven-io/emmett-postgresql");
const { SQL } = require("@event-driven-io/dumbo");

const store = getPostgreSQLEventStore(url);
await store.schema.migrate();

let number = 0;
const admitted = () => ({
  type: "Admitted",
  data: { ...task.fields, organization: `CELL-${++number % task.cells}` },
});
const append = (size) =>
  store.appendToStream(`member-${randomUUID()}`, Array.from({ length: size }, admitted), {
    expectedStreamVersion: "STREAM_DOES_NOT_EXIST",
  });
const times = async (n, work) => { for (let i = 0; i < n; i++) await work(); };
const perSecond = async (n, work) => {
  const began = performance.now();
  await work();
  return (1000 * n) / (performance.now() - began);
};

const taken = {};
taken.single = await perSecond(task.single, () => times(task.single, () => append(1)));
for (const writers of [8, 16]) {
  const shared = task[`writers_${writers}`];
  taken[`writers_${writers}`] = await perSecond(shared, () =>
    Promise.all(Array.from({ length: writers }, () => times(shared / writers, () => append(1)))),
  );
}
taken.batch = await perSecond(task.batch, () => times(task.batch / 100, () => append(100)));

const headcount = postgreSQLRawBatchSQLProjection({
  name: "headcount",
  canHandle: ["Admitted"],
  init: () => SQL`CREATE TABLE IF NOT EXISTS headcount (organization text PRIMARY KEY, members int)`,
  evolve: (events) =>
    events.map(
      (event) => SQL`INSERT INTO headcount AS h VALUES (${event.data.organization}, 1)
        ON CONFLICT (organization) DO UPDATE SET members = h.members + 1`,
    ),
});
const consumer = store.consumer({ stopWhen: { noMessagesLeft: true }, pulling: { batchSize: 500 } });
consumer.projector({ projection: headcount, processorId: "headcount" });
taken.project = await perSecond(number, () => consumer.start());
await consumer.close();
await store.close();
console.log(JSON.stringify(taken));
