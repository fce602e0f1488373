#include "http/guest_session.hpp"

#include <array>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <cstdint>
#include <utility>

#include "base/limits/http.hpp"

namespace vis::http {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadBytes = 16 * 1024;

}  // namespace

void GuestQueue::write(ByteVector bytes) {
  const std::lock_guard lock(mutex_);
  if (closed_ || pending_.size() + bytes.size() > limits::kGuestQueueBytes) return;
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  tell();
}

void GuestQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  tell();
}

void GuestQueue::tell() {
  if (std::exchange(told_, true)) return;
  asio::post(executor_, [self = shared_from_this()] {
    if (self->listener_ != nullptr) self->listener_->notify();
  });
}

ByteVector GuestQueue::take() {
  const std::lock_guard lock(mutex_);
  told_ = false;
  return std::exchange(pending_, {});
}

bool GuestQueue::closed() {
  const std::lock_guard lock(mutex_);
  return closed_;
}

GuestSession::GuestSession(Stream& stream, GuestProtocol& protocol, const SocketAddress& client)
    : stream_(stream),
      protocol_(protocol),
      client_(client),
      queue_(std::make_shared<GuestQueue>(stream.get_executor())),
      writable_(stream.get_executor()),
      finished_(stream.get_executor()) {}

Task<> GuestSession::run(ByteVector first_bytes) {
  TaskGroup tasks(co_await asio::this_coro::executor);
  queue_->set_listener(&writable_);
  tasks.spawn("http.guest.write", write_loop());
  protocol_.opened(client_, queue_);
  protocol_.received(client_, first_bytes);
  std::array<std::uint8_t, kReadBytes> buffer;
  for (;;) {
    const auto [failure, bytes] = co_await stream_.read_some(buffer);
    if (failure) break;
    protocol_.received(client_, Bytes(buffer).first(bytes));
  }
  protocol_.closed(client_);
  queue_->close();
  stream_.cancel();
  while (!writer_done_) co_await finished_.wait();
  queue_->set_listener(nullptr);
  co_await tasks.stop();
}

Task<> GuestSession::write_loop() {
  bool failed = false;
  while (!failed) {
    const ByteVector bytes = queue_->take();
    if (bytes.empty()) {
      if (queue_->closed()) break;
      co_await writable_.wait();
      continue;
    }
    Stream::Outgoing outgoing{bytes, {}};
    while (!outgoing.empty() && !failed) {
      const auto [failure, written] = co_await stream_.write_some(outgoing);
      failed = bool(failure);
      if (!failed) outgoing.advance(written);
    }
  }
  // Whichever side ended it, the reader need not wait any longer.
  stream_.cancel();
  writer_done_ = true;
  finished_.notify();
}

}  // namespace vis::http
