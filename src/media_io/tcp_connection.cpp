#include "media_io/tcp_connection.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "base/limits/media_io.hpp"
#include "base/limits/media_turn.hpp"
#include "media/stun/message.hpp"
#include "media/turn/message.hpp"

namespace vis::media_io {
namespace {

constexpr std::size_t kReadBytes = 16 * 1024;
constexpr std::size_t kFrameHeaderBytes = 2;  ///< RFC 4571 section 2.
constexpr std::size_t kFrameBytesMax = 2048;
constexpr std::size_t kCookieAt = 4;  ///< In a STUN message.

bool has_cookie(Bytes first, std::size_t at) {
  return ByteReader{first.subspan(at)}.u32() == media::stun::kMagicCookie;
}

}  // namespace

TcpProtocol protocol_of(Bytes first) {
  constexpr std::size_t kTurnBytes = kCookieAt + 4;
  if (first.size() < kTurnBytes) return TcpProtocol::Unknown;
  if (first[0] < 4 && has_cookie(first, kCookieAt)) return TcpProtocol::Turn;
  if (first.size() < kTurnBytes + kFrameHeaderBytes) return TcpProtocol::Unknown;
  const bool ice = first[kFrameHeaderBytes] < 4 && has_cookie(first, kCookieAt + kFrameHeaderBytes);
  return ice ? TcpProtocol::Ice : TcpProtocol::Neither;
}

bool TcpConnection::receive(TimePoint now) {
  // What is left is the beginning of one message.
  incoming_.erase(incoming_.begin(), incoming_.begin() + static_cast<std::ptrdiff_t>(taken_));
  taken_ = 0;
  std::array<std::uint8_t, kReadBytes> buffer;
  const ssize_t count = ::recv(descriptor_.get(), buffer.data(), buffer.size(), 0);
  if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) return false;
  if (count < 0) return true;
  heard_at_ = now;
  incoming_.insert(incoming_.end(), buffer.begin(), buffer.begin() + count);
  if (protocol_ == TcpProtocol::Unknown) protocol_ = protocol_of(incoming_);
  return true;
}

std::optional<MutableBytes> TcpConnection::next_message() {
  const MutableBytes rest = MutableBytes{incoming_}.subspan(taken_);
  std::size_t header = 0;
  std::size_t size = 0;
  if (protocol_ == TcpProtocol::Ice) {
    if (rest.size() < kFrameHeaderBytes) return std::nullopt;
    header = kFrameHeaderBytes;
    size = kFrameHeaderBytes + ByteReader{rest}.u16();
    if (size > kFrameBytesMax) protocol_ = TcpProtocol::Neither;
  } else if (protocol_ == TcpProtocol::Turn) {
    const auto length = media::turn::message_size(rest);
    if (!length) return std::nullopt;
    size = *length;
    if (size == 0) protocol_ = TcpProtocol::Neither;
  }
  if (protocol_ == TcpProtocol::Unknown || broken() || rest.size() < size) return std::nullopt;
  taken_ += size;
  return rest.subspan(header, size - header);
}

bool TcpConnection::send(Bytes message) {
  const bool framed = protocol_ == TcpProtocol::Ice;
  const std::size_t size = message.size() + (framed ? kFrameHeaderBytes : 0);
  if (outgoing_.size() - sent_ + size > limits::kTcpSendQueueBytes) return false;
  if (framed) {
    outgoing_.push_back(static_cast<std::uint8_t>(message.size() >> 8));
    outgoing_.push_back(static_cast<std::uint8_t>(message.size()));
  }
  outgoing_.insert(outgoing_.end(), message.begin(), message.end());
  return true;
}

bool TcpConnection::flush() {
  while (has_unsent()) {
    const Bytes rest = Bytes{outgoing_}.subspan(sent_);
    const ssize_t count = ::send(descriptor_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EAGAIN) break;
    if (count < 0) return false;
    sent_ += static_cast<std::size_t>(count);
  }
  // A client that keeps up has its whole queue sent each time, so this moves few bytes.
  outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(sent_));
  sent_ = 0;
  return true;
}

}  // namespace vis::media_io
