#include "support/answer_thief.hpp"

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string_view>

namespace vis::test {
namespace {

constexpr const char* kSocketName = ".s.PGSQL.5432";

sockaddr_un address_of(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.native().copy(address.sun_path, sizeof(address.sun_path) - 1);
  return address;
}

/// sockaddr is the type that the socket calls want; the cast is how POSIX means it.
const sockaddr* generic(const sockaddr_un& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

bool send_all(int target, std::string_view bytes) {
  return ::send(target, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(bytes.size());
}

std::string receive(int source) {
  std::array<char, 65536> bytes{};
  const ssize_t count = ::recv(source, bytes.data(), bytes.size(), 0);
  return {bytes.data(), count > 0 ? static_cast<std::size_t>(count) : 0};
}

}  // namespace

AnswerThief::AnswerThief(const std::filesystem::path& server_directory)
    : server_socket_(server_directory / kSocketName),
      listener_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const sockaddr_un own = address_of(directory_ / kSocketName);
  if (::bind(listener_, generic(own), sizeof(own)) != 0 || ::listen(listener_, 8) != 0) {
    throw std::runtime_error("cannot listen");
  }
  acceptor_ = std::jthread([this] { accept_clients(); });
}

AnswerThief::~AnswerThief() {
  ::shutdown(listener_, SHUT_RDWR);
  acceptor_.join();
  connections_.clear();
  ::close(listener_);
}

void AnswerThief::accept_clients() {
  for (;;) {
    const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) return;
    connections_.emplace_back([this, client] { serve(client); });
  }
}

void AnswerThief::serve(int client) {
  const int server = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_un address = address_of(server_socket_);
  bool open = ::connect(server, generic(address), sizeof(address)) == 0;
  while (open) {
    std::array<pollfd, 2> ends{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
    ::poll(ends.data(), ends.size(), -1);
    if (ends[0].revents != 0) open = forward_request(client, server);
    if (open && ends[1].revents != 0) open = forward_answer(server, client);
  }
  ::close(server);
  ::close(client);
}

bool AnswerThief::forward_request(int client, int server) {
  const std::string request = receive(client);
  if (request.empty() || !send_all(server, request)) return false;
  // A simple query is 'Q', a length and the text (PostgreSQL 55.7).
  const bool commits = request.find("commit") != std::string::npos && request.starts_with('Q');
  if (!commits || !armed_.exchange(false)) return true;
  receive(server);
  stolen_ = true;
  return false;
}

bool AnswerThief::forward_answer(int server, int client) {
  const std::string answer = receive(server);
  return !answer.empty() && send_all(client, answer);
}

}  // namespace vis::test
