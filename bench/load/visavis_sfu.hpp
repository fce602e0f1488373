#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "api/livekit/proto/livekit.pb.h"
#include "load/sfu.hpp"
#include "load/signal_socket.hpp"

namespace vis::bench {

/// Our server with one media worker, through its LiveKit door: a signalling connection and two peer
/// connections for each participant, who is subscribed to everything by the server itself.
class VisavisSfu final : public Sfu {
 public:
  explicit VisavisSfu(Generator& generator);

  std::string_view name() const override { return "visavis"; }
  const ServerProcess& process() const override { return process_; }
  void open(const Room&) override {}
  void join(Member& member) override;
  void watch(Member&) override {}

 private:
  struct Session {
    Member& member;
    std::unique_ptr<SignalSocket> socket;
    std::size_t tracks = 0;  ///< That the server has accepted.
  };

  void take(Session& session, const std::string& message);
  void take_offer(Session& session, const livekit::SessionDescription& offer);
  void take_candidate(Session& session, const livekit::TrickleRequest& candidate);
  void announce_tracks(Session& session);
  void offer(Session& session);
  void keep_alive(Session& session);
  static void send(Session& session, const livekit::SignalRequest& request);

  Generator& generator_;
  TemporaryFolder folder_;
  std::uint16_t port_ = free_tcp_port();
  ServerProcess process_;
  std::map<const Member*, Session> sessions_;
  std::size_t receivers_ = 0;
};

}  // namespace vis::bench
