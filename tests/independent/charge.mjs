// A charging station made of npm `ocpp-rpc` in strict mode: everything it says and hears is checked against the OCA's schemas.
// It charges a car until the central system stops it; "charging" on its output says that it may. Any surprise ends it with 1.
import assert from "node:assert/strict";
import { RPCClient } from "ocpp-rpc";

const { ENDPOINT, IDENTITY, PASSWORD, ID_TOKEN, BEGAN } = process.env;
const minute = (number) => new Date(Date.parse(BEGAN) + number * 60_000).toISOString();
const station = new RPCClient({
  endpoint: ENDPOINT,
  identity: IDENTITY,
  password: PASSWORD,
  protocols: ["ocpp1.6"],
  strictMode: true,
  reconnect: false,
});
station.on("strictValidationFailure", ({ error }) => {
  console.error(error);
  process.exit(1);
});

const energy = (value, at, context = "Sample.Periodic") => ({
  timestamp: at,
  sampledValue: [
    { value: String(value), measurand: "Energy.Active.Import.Register", unit: "Wh", context },
    { value: "7360.5", measurand: "Power.Active.Import", unit: "W", context },
    { value: "81", measurand: "SoC", unit: "Percent", context, location: "EV" },
  ],
});
const status = (name) => station.call("StatusNotification", { connectorId: 1, errorCode: "NoError", status: name });

const stopped = new Promise((stop) => {
  station.handle("RemoteStopTransaction", ({ params }) => {
    stop(params.transactionId);
    return { status: "Accepted" };
  });
});

await station.connect();
const booted = await station.call("BootNotification", { chargePointVendor: "Independent", chargePointModel: "ocpp-rpc" });
assert.equal(booted.status, "Accepted");
await status("Preparing");
const { idTagInfo } = await station.call("Authorize", { idTag: ID_TOKEN });
assert.equal(idTagInfo.status, "Accepted");
const { transactionId } = await station.call("StartTransaction", {
  connectorId: 1,
  idTag: ID_TOKEN,
  meterStart: 1000,
  timestamp: minute(0),
});
await status("Charging");
for (const [value, at] of [[1500, minute(5)], [2250, minute(10)]]) {
  await station.call("MeterValues", { connectorId: 1, transactionId, meterValue: [energy(value, at)] });
}
console.log("charging");
assert.equal(await stopped, transactionId);
await station.call("StopTransaction", {
  transactionId,
  idTag: ID_TOKEN,
  meterStop: 3000,
  timestamp: minute(15),
  reason: "Remote",
  transactionData: [energy(3000, minute(15), "Transaction.End")],
});
await status("Available");
await station.close();
