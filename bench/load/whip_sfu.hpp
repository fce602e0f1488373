#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/task.hpp"
#include "http/client.hpp"
#include "load/options.hpp"
#include "load/sfu.hpp"

namespace vis::bench {

/// Any server that speaks WHIP (RFC 9725) and WHEP: a peer connection for what a participant
/// publishes, and one for each participant whom it watches, for that is what a player plays.
class WhipSfu final : public Sfu {
 public:
  WhipSfu(Generator& generator, const WhipServer& server);

  std::string_view name() const override { return server_.name; }
  const ServerProcess& process() const override { return process_; }
  void open(const Room&) override {}
  void join(Member& member) override;
  void watch(Member& member) override;

 private:
  Task<> publish(Member& member);
  Task<> play(Member& member, const Member& publisher);
  Task<std::string> post(std::string url, std::string offer, std::string token);
  const std::string& token_of(const Member& member);

  Generator& generator_;
  WhipServer server_;
  std::optional<TemporaryFolder> folder_;  ///< Of a server that we start.
  ServerProcess process_;
  http::Client client_;
  std::unordered_map<const Member*, std::size_t> joined_;  ///< In which place.
  std::size_t receivers_ = 0;
};

}  // namespace vis::bench
