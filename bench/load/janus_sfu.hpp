#pragma once

#include <boost/json/object.hpp>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>

#include "load/sfu.hpp"
#include "load/signal_socket.hpp"

namespace vis::bench {

/// Debian's Janus with its VideoRoom plugin, through its WebSocket API: a handle to publish and a
/// handle to watch for each participant, one session for all of them.
class JanusSfu final : public Sfu {
 public:
  explicit JanusSfu(Generator& generator);

  std::string_view name() const override { return "janus"; }
  const ServerProcess& process() const override { return process_; }
  void open(const Room& room) override;
  void join(Member& member) override;
  void watch(Member& member) override;

  /// Whether the program is installed.
  static bool available();

 private:
  using Answer = std::function<void(const boost::json::object&)>;
  struct Handle {
    Member* member = nullptr;  ///< Null for the one that opens rooms.
    bool publishes = false;
  };

  void request(boost::json::object message, Answer on_success);
  void attach(const Handle& handle, std::function<void(std::uint64_t)> on_handle);
  void tell(std::uint64_t handle, boost::json::object body, boost::json::object jsep = {});
  void take(const std::string& text);
  void take_event(std::uint64_t handle, const boost::json::object& event);
  void take_description(std::uint64_t id, const Handle& handle, const boost::json::object& jsep);
  void keep_alive();

  Generator& generator_;
  TemporaryFolder folder_;
  std::uint16_t port_ = free_tcp_port();
  ServerProcess process_;
  std::unique_ptr<SignalSocket> socket_;
  std::uint64_t session_ = 0;
  std::uint64_t opener_ = 0;  ///< The handle that opens rooms.
  std::uint64_t next_transaction_ = 1;
  std::unordered_map<std::string, Answer> waiting_;
  std::unordered_map<std::uint64_t, Handle> handles_;
  std::unordered_map<const Member*, std::uint64_t> feeds_;
  std::unordered_map<const Room*, std::uint64_t> rooms_;
  std::size_t receivers_ = 0;
};

}  // namespace vis::bench
