// SPDX-License-Identifier: BSD-3-Clause
//
// The machine-readable report, schema gotee-report/1 (design 4.3, docs/report.schema.json).
#pragma once
#include "simulator/evidence.h"

namespace gotee::sim {

/// `evidence` holds one entry for each applet that faulted or disagreed; the others need none.
std::string report_json(const Session& session, const SessionOptions& options,
                        const std::vector<AppletImage>& images, const std::vector<Evidence>& evidence,
                        ExitCode exit_code, Disassembler& disassembler);

}  // namespace gotee::sim
