#include "app/handover_channel.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/serialize.hpp>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "http/json.hpp"

namespace vis::app {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

std::unexpected<Error> system_failure(const char* what) {
  return fail(Errc::Unavailable, std::string(what) + ": " + std::strerror(errno));
}

Result<sockaddr_un> address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string& text = path.native();
  if (text.size() >= sizeof address.sun_path) {
    return fail(Errc::InvalidArgument, "the path " + text + " is too long for a socket");
  }
  std::ranges::copy(text, address.sun_path);
  return address;
}

FileDescriptor make_socket() {
  return FileDescriptor(::socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

union Control {
  cmsghdr header;
  std::array<std::uint8_t, CMSG_SPACE(sizeof(int) * HandoverChannel::kDescriptors)> bytes;
};

std::vector<FileDescriptor> descriptors_of(msghdr& message) {
  std::vector<FileDescriptor> descriptors;
  for (cmsghdr* part = CMSG_FIRSTHDR(&message); part != nullptr;
       part = CMSG_NXTHDR(&message, part)) {
    if (part->cmsg_level != SOL_SOCKET || part->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (part->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
      int descriptor = -1;
      std::memcpy(&descriptor, CMSG_DATA(part) + i * sizeof(int), sizeof descriptor);
      descriptors.emplace_back(descriptor);
    }
  }
  return descriptors;
}

}  // namespace

HandoverChannel::HandoverChannel(const asio::any_io_executor& executor, FileDescriptor socket)
    : socket_(executor, socket.release()) {}

Task<Result<void>> HandoverChannel::send(boost::json::object body, std::vector<int> descriptors) {
  std::string text = boost::json::serialize(body);
  VIS_ASSERT(descriptors.size() <= kDescriptors);
  if (text.size() > kMessageBytes) co_return fail(Errc::InvalidArgument, "the message is too long");
  iovec vector{.iov_base = text.data(), .iov_len = text.size()};
  Control control{};
  msghdr message{};
  message.msg_iov = &vector;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    const std::size_t bytes = descriptors.size() * sizeof(int);
    message.msg_control = &control;
    message.msg_controllen = CMSG_SPACE(bytes);
    cmsghdr* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(bytes);
    std::memcpy(CMSG_DATA(header), descriptors.data(), bytes);
  }
  while (::sendmsg(socket_.native_handle(), &message, MSG_NOSIGNAL) < 0) {
    if (errno != EAGAIN && errno != EINTR) co_return system_failure("the other server is gone");
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await socket_.async_wait(asio::posix::descriptor_base::wait_write, token);
    if (failure) co_return fail(Errc::Cancelled, "the handover was cancelled");
  }
  co_return Result<void>{};
}

Task<Result<HandoverChannel::Message>> HandoverChannel::receive() {
  std::string text(kMessageBytes, '\0');
  Control control{};
  for (;;) {
    iovec vector{.iov_base = text.data(), .iov_len = text.size()};
    msghdr message{};
    message.msg_iov = &vector;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof control;
    const ssize_t size = ::recvmsg(socket_.native_handle(), &message, MSG_CMSG_CLOEXEC);
    if (size == 0) co_return fail(Errc::Unavailable, "the other server is gone");
    if (size > 0) {
      Message received{.body = {}, .descriptors = descriptors_of(message)};
      auto parsed = http::parse_json(
          std::string_view(text).substr(0, static_cast<std::size_t>(size)), kMessageBytes);
      if (!parsed) co_return std::unexpected(std::move(parsed.error()));
      if (!parsed->is_object()) co_return fail(Errc::InvalidArgument, "no message");
      received.body = std::move(parsed->as_object());
      co_return received;
    }
    if (errno != EAGAIN && errno != EINTR) co_return system_failure("the other server is gone");
    error_code failure;
    auto token = asio::redirect_error(asio::use_awaitable, failure);
    co_await socket_.async_wait(asio::posix::descriptor_base::wait_read, token);
    if (failure) co_return fail(Errc::Cancelled, "the handover was cancelled");
  }
}

Result<FileDescriptor> HandoverChannel::listen(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  FileDescriptor socket = make_socket();
  // That of a server before us, which does not listen any more.
  ::unlink(path.c_str());
  const auto* const name = reinterpret_cast<const sockaddr*>(&*address);
  if (::bind(socket.get(), name, sizeof *address) != 0 ||
      ::chmod(path.c_str(), S_IRUSR | S_IWUSR) != 0 || ::listen(socket.get(), 1) != 0) {
    return system_failure("the socket for a handover");
  }
  return socket;
}

Result<FileDescriptor> HandoverChannel::connect(const std::filesystem::path& path) {
  const auto address = address_of(path);
  if (!address) return std::unexpected(address.error());
  FileDescriptor socket = make_socket();
  const auto* const name = reinterpret_cast<const sockaddr*>(&*address);
  if (::connect(socket.get(), name, sizeof *address) != 0) {
    return fail(Errc::NotFound, "no server can be taken over from");
  }
  return socket;
}

bool HandoverChannel::is_ours(int socket) {
  ucred peer{};
  socklen_t length = sizeof peer;
  if (::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0) return false;
  return peer.uid == ::geteuid() || peer.uid == 0;
}

}  // namespace vis::app
