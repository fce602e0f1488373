// A writer to be killed: commits projects through the storage for ever, several at a time, and
// prints the id of each once its commit has been acknowledged. Arguments: database URL, key file,
// a prefix for the ids.

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "storage/database.hpp"

namespace vis {
namespace {

constexpr int kWriters = 4;

core::Commit project_with_room(const std::string& id) {
  const core::ProjectId project(id);
  const core::rooms::RoomSid room("RM_" + id);
  const auto event = [&](std::string type, const std::string& resource) {
    return core::events::NewEvent{.project = project,
                                  .type = std::move(type),
                                  .resource = resource,
                                  .at = wall_now(),
                                  .data = "{}"};
  };
  return {.writes = {core::InsertProject{{.id = project, .name = id, .created_at = wall_now()}},
                     core::InsertRoom{{.sid = room,
                                       .project = project,
                                       .node = core::rooms::NodeId("node-1"),
                                       .name = id,
                                       .snapshot = "{}",
                                       .created_at = wall_now()}}},
          .events = {event("project.created", id), event("room.started", room.str())}};
}

/// One write, so that a line is printed whole or not at all.
void acknowledge(const std::string& id) {
  const std::string line = id + "\n";
  if (::write(STDOUT_FILENO, line.data(), line.size()) < 0) std::exit(EXIT_FAILURE);
}

Task<> write_for_ever(core::Store& store, std::string prefix) {
  for (int i = 0;; ++i) {
    const std::string id = prefix + "-" + std::to_string(i);
    store.write_behind({.writes = {core::SetCursor{prefix, core::events::EventId{i}}}});
    core::Commit change = project_with_room(id);
    const auto receipt = co_await store.commit(std::move(change));
    if (!receipt) {
      std::fprintf(stderr, "%s\n", receipt.error().message.c_str());
      std::exit(EXIT_FAILURE);
    }
    acknowledge(id);
  }
}

int run(const std::string& url, const std::string& key_file, const std::string& prefix) {
  boost::asio::io_context context;
  SystemRandom random;
  Metrics metrics;
  auto database = storage::Database::open(
      {.url = Secret(url), .key_file = key_file}, wall_now(),
      {.executor = context.get_executor(), .random = random, .metrics = metrics});
  if (!database) {
    std::fprintf(stderr, "%s\n", database.error().message.c_str());
    return EXIT_FAILURE;
  }
  const auto never_ends = [](std::exception_ptr) { std::exit(EXIT_FAILURE); };
  for (int i = 0; i < kWriters; ++i) {
    auto writer = write_for_ever((*database)->store(), prefix + "-" + std::to_string(i));
    boost::asio::co_spawn(context, std::move(writer), never_ends);
  }
  context.run();
  return EXIT_FAILURE;
}

}  // namespace
}  // namespace vis

int main(int count, char** arguments) {
  if (count != 4) return EXIT_FAILURE;
  return vis::run(arguments[1], arguments[2], arguments[3]);
}
