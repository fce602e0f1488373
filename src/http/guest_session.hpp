#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <memory>
#include <mutex>

#include "base/task.hpp"
#include "http/event.hpp"
#include "http/guest.hpp"
#include "http/stream.hpp"

namespace vis::http {

/// What waits to be written to one guest. Shared by the session, which writes it, and the protocol,
/// which fills it from a thread of its own.
class GuestQueue final : public GuestOutput, public std::enable_shared_from_this<GuestQueue> {
 public:
  explicit GuestQueue(boost::asio::any_io_executor executor) : executor_(std::move(executor)) {}

  void write(ByteVector bytes) override;
  void close() override;

  // ---- the session, on the control loop ----

  /// Whom to tell that there is something to do; null when the session ends.
  void set_listener(Event* listener) { listener_ = listener; }
  ByteVector take();
  bool closed();

 private:
  void tell();

  boost::asio::any_io_executor executor_;
  std::mutex mutex_;
  ByteVector pending_;
  bool closed_ = false;
  bool told_ = false;  ///< The session has been told and has not looked yet.
  Event* listener_ = nullptr;
};

/// One connection of a guest protocol from its first bytes to its end. Lives in its connection's
/// coroutine, on the control loop.
class GuestSession final {
 public:
  GuestSession(Stream& stream, GuestProtocol& protocol, const SocketAddress& client);

  /// Returns when the connection has ended. To be called with throw_if_cancelled(false).
  Task<> run(ByteVector first_bytes);

 private:
  Task<> write_loop();

  Stream& stream_;
  GuestProtocol& protocol_;
  SocketAddress client_;
  std::shared_ptr<GuestQueue> queue_;  ///< Shared by this session and the protocol.
  Event writable_;
  Event finished_;
  bool writer_done_ = false;
};

}  // namespace vis::http
