import { settingsOfLoad } from "../../../config/load-settings.ts";
import { environment } from "./support.ts";

test("what is not set is left to the load", () => {
  const settings = settingsOfLoad(environment());
  for (const left of ["metersTable", "expectedFrom", "expectedTo", "clusterBy"])
    expect(settings).not.toHaveProperty(left);
  expect(settings).toMatchObject({ restSize: "MEDIUM", loadSize: "XLARGE", onDelete: "retain" });
});

test("what is set reaches the load by its own names", () => {
  const config = environment({
    "flux-ami:metersTable": "A.B.C",
    "flux-ami:expectedFrom": "2026-01-01",
    "flux-ami:expectedTo": "2026-06-30",
    "flux-ami:include": '["2026/**"]',
    "flux-ami:exclude": '["old/**"]',
    "flux-ami:clusterBy": '["TIMESTAMP"]',
    "flux-ami:quality": '{"voltage":{"min":100}}',
    "flux-ami:schema": '{"extraColumns":"fail"}',
    "flux-ami:warehouseSize": "SMALL",
  });
  expect(settingsOfLoad(config)).toMatchObject({
    metersTable: "A.B.C",
    expectedFrom: "2026-01-01",
    expectedTo: "2026-06-30",
    include: ["2026/**"],
    exclude: ["old/**"],
    clusterBy: ["TIMESTAMP"],
    quality: { voltage: { min: 100 } },
    contract: { extraColumns: "fail" },
    restSize: "SMALL",
  });
  expect(settingsOfLoad(config, "LARGE")).toMatchObject({ restSize: "LARGE", loadSize: "LARGE" });
});
