#include "load/whip_sfu.hpp"

#include <algorithm>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <exception>
#include <stdexcept>
#include <utility>

namespace vis::bench {
namespace {

/// A publisher's media may be known a little later than its publisher, and a server that was just
/// started may not listen yet.
constexpr Duration kRetryAfter = 200ms;
constexpr Duration kRetryFor = 15s;
constexpr unsigned kCreated = 201;

ServerProcess start(const WhipServer& server, std::optional<TemporaryFolder>& folder) {
  if (server.command.empty()) return ServerProcess{server.pid};
  folder.emplace();
  return ServerProcess{{.arguments = {"/bin/sh", "-c", "exec " + server.command},
                        .environment = {},
                        .log = folder->path() / "log",
                        .core = kServerCore}};
}

std::string replaced(std::string text, std::string_view placeholder, const std::string& by) {
  for (auto at = text.find(placeholder); at != std::string::npos;
       at = text.find(placeholder, at + by.size())) {
    text.replace(at, placeholder.size(), by);
  }
  return text;
}

std::string url_of(const std::string& pattern, const Member& member, const Member& publisher) {
  std::string url = replaced(pattern, "{room}", member.room.name);
  url = replaced(std::move(url), "{publisher}", publisher.name);
  return replaced(std::move(url), "{peer}", member.name);
}

/// Whether the server may know more in a moment.
bool may_come(const Result<http::ClientResponse>& response) {
  if (!response) return response.error().code == Errc::Unavailable;
  return response->status == 404 || response->status == 409 || response->status == 503;
}

void rethrow(const std::exception_ptr& failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace

WhipSfu::WhipSfu(Generator& generator, const WhipServer& server)
    : generator_(generator), server_(server), process_(start(server_, folder_)) {}

void WhipSfu::join(Member& member) {
  joined_.emplace(&member, joined_.size());
  if (member.publishes) boost::asio::co_spawn(generator_.io(), publish(member), rethrow);
}

void WhipSfu::watch(Member& member) {
  if (!member.watches) return;
  for (const auto& other : member.room.members) {
    if (other.get() == &member || !other->published) continue;
    boost::asio::co_spawn(generator_.io(), play(member, *other), rethrow);
  }
}

const std::string& WhipSfu::token_of(const Member& member) {
  static const std::string kNone;
  if (server_.tokens.empty()) return kNone;
  return server_.tokens[std::min(joined_.at(&member), server_.tokens.size() - 1)];
}

Task<> WhipSfu::publish(Member& member) {
  Client& sender = generator_.add_client({.role = Client::Role::Sender});
  const std::string answer = co_await post(url_of(server_.whip, member, member),
                                           sender.peer().create_offer(), token_of(member));
  sender.describe(generator_.now(), false, answer);
  member.sender = &sender;
  member.published = true;
}

Task<> WhipSfu::play(Member& member, const Member& publisher) {
  const bool witness = receivers_++ % kReceiversPerWitness == 0;
  Client& receiver = generator_.add_client(
      {.role = witness ? Client::Role::Witness : Client::Role::Receiver, .plays = true});
  const std::string answer = co_await post(url_of(server_.whep, member, publisher),
                                           receiver.peer().create_offer(), token_of(member));
  receiver.describe(generator_.now(), false, answer);
  member.receivers.push_back(&receiver);
}

Task<std::string> WhipSfu::post(std::string url, std::string offer, std::string token) {
  http::ClientRequest request{.url = std::move(url), .body = std::move(offer)};
  request.headers.set("Content-Type", "application/sdp");
  if (!token.empty()) request.headers.set("Authorization", "Bearer " + token);
  const TimePoint until = generator_.now() + kRetryFor;
  for (;;) {
    const Result<http::ClientResponse> response = co_await client_.send(request);
    if (response && response->status == kCreated) co_return response->body;
    if (!may_come(response) || generator_.now() > until) {
      throw std::runtime_error(
          request.url + ": " +
          (response ? std::to_string(response->status) + " " + response->body.substr(0, 300)
                    : response.error().message));
    }
    boost::asio::steady_timer pause(generator_.io(), kRetryAfter);
    co_await pause.async_wait(boost::asio::use_awaitable);
  }
}

}  // namespace vis::bench
