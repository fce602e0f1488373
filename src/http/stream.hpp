#pragma once

#include <algorithm>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>

#include "base/bytes.hpp"
#include "base/socket_address.hpp"
#include "base/task.hpp"

namespace vis::http {

/// A TCP connection, with or without TLS, as one type: only stream.cpp instantiates Asio's
/// templates, and nobody above knows what lies below.
///
/// Owned by its connection, on the control loop; at most one read and one write at a time; must
/// outlive both.
class Stream final {
 public:
  explicit Stream(boost::asio::ip::tcp::socket socket);
  /// The TLS settings are taken now; `tls` may change or go afterwards.
  Stream(boost::asio::ip::tcp::socket socket, boost::asio::ssl::context& tls);
  ~Stream();
  Stream(Stream&&) noexcept;
  Stream& operator=(Stream&&) = delete;

  boost::asio::any_io_executor get_executor();
  /// The client's; the unspecified address once the connection is gone.
  SocketAddress remote() const;
  SocketAddress local() const;

  struct Transfer {
    boost::system::error_code failure;
    std::size_t bytes = 0;
  };
  /// Waits for at least one byte; the end of the stream is a failure.
  Task<Transfer> read_some(MutableBytes target);
  /// What is still to be sent: two pieces, so that a head and its body need not be copied together.
  struct Outgoing {
    Bytes first;
    Bytes second;

    bool empty() const { return first.empty() && second.empty(); }
    void advance(std::size_t bytes) {
      const std::size_t of_first = std::min(bytes, first.size());
      first = first.subspan(of_first);
      second = second.subspan(bytes - of_first);
    }
  };
  /// Sends as much as goes at once.
  Task<Transfer> write_some(Outgoing outgoing);

  /// The server's side of the TLS handshake; nothing for plain TCP.
  Task<boost::system::error_code> handshake();
  /// Tells the peer that nothing more will come: TLS close_notify, then TCP FIN.
  Task<> finish();

  /// Ends pending operations with operation_aborted.
  void cancel() noexcept;
  /// Ends pending operations and the connection.
  void close() noexcept;

 private:
  struct Transport;

  std::unique_ptr<Transport> transport_;
};

SocketAddress to_socket_address(const boost::asio::ip::tcp::endpoint& endpoint);

}  // namespace vis::http
