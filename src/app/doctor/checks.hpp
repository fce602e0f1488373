#pragma once

#include "app/config/config.hpp"
#include "app/doctor/finding.hpp"
#include "base/socket_address.hpp"
#include "base/time.hpp"

/// What `visavis doctor` looks at. Each check blocks for a moment, changes nothing that outlives
/// it, and sends nothing to other machines.
namespace vis::app::doctor {

/// Whether a server runs on the data directory of `config`: then its ports are taken, by itself.
bool is_running(const Config& config);

Findings check_data_dir(const Config& config);
Findings check_ports(const Config& config, bool running);
Findings check_certificate(const Config& config, WallTime now);
/// `own` are the addresses of this machine's interfaces.
Findings check_addresses(const Config& config, const std::vector<IpAddress>& own);
Findings check_clock(WallTime now);
Findings check_system(const Config& config);

/// All of them.
Findings examine(const Config& config, WallTime now);

}  // namespace vis::app::doctor
