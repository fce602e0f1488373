#include "app/commands.hpp"

#include <fmt/core.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <variant>

#include "api/livekit/token_signer.hpp"
#include "app/config/describe.hpp"
#include "app/demo.hpp"
#include "app/doctor/checks.hpp"
#include "app/node_identity.hpp"
#include "app/server.hpp"
#include "app/version.hpp"
#include "base/clock.hpp"
#include "base/log.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "core/projects/project_service.hpp"
#include "storage/database.hpp"

namespace vis::app {
namespace {

namespace asio = boost::asio;
namespace projects = core::projects;

int fail_with(const Error& error) {
  fmt::print(stderr, "visavis: {}\n", error.message);
  return 1;
}

std::string date_of(WallTime time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::filesystem::path key_file_of(const Config& config) {
  return config.server.key_file.empty() ? config.server.data_dir / "key" : config.server.key_file;
}

/// The projects of the configured database, for the length of one command.
class ProjectSession final {
 public:
  static Result<std::unique_ptr<ProjectSession>> open(const Config& config) {
    std::error_code ignored;
    std::filesystem::create_directories(config.server.data_dir, ignored);
    auto session = std::make_unique<ProjectSession>();
    auto database = storage::Database::open(
        {.url = config.database.url, .key_file = key_file_of(config), .readers = 1}, wall_now(),
        {.executor = session->context_.get_executor(),
         .random = session->random_,
         .metrics = session->metrics_});
    if (!database) return std::unexpected(std::move(database.error()));
    session->database_ = *std::move(database);
    session->service_ = std::make_unique<projects::ProjectService>(
        projects::ProjectService::Ports{.projects = session->database_->projects(),
                                        .store = session->database_->store(),
                                        .random = session->random_});
    return session;
  }
  ~ProjectSession() {
    if (database_) database_->stop();
  }

  projects::ProjectService& service() { return *service_; }

  /// Runs one coroutine to its end.
  template <typename T>
  Result<T> run(Task<Result<T>> task) {
    Result<T> outcome = fail(Errc::Internal, "the command did not finish");
    asio::co_spawn(context_, std::move(task),
                   [&](const std::exception_ptr& failure, Result<T> result) {
                     if (failure) std::rethrow_exception(failure);
                     outcome = std::move(result);
                   });
    context_.restart();
    context_.run();
    return outcome;
  }

 private:
  asio::io_context context_{1};
  SystemRandom random_;
  Metrics metrics_;
  std::unique_ptr<storage::Database> database_;
  std::unique_ptr<projects::ProjectService> service_;
};

/// Loads the configuration, opens the projects, runs `act`.
int with_projects(const ConfigArguments& arguments,
                  const std::function<int(ProjectSession&)>& act) {
  const auto config = load_config(arguments);
  if (!config) return fail_with(config.error());
  log::configure(log::Level::Warning, log::Format::Text);
  auto session = ProjectSession::open(*config);
  if (!session) return fail_with(session.error());
  return act(**session);
}

void print_new_key(const projects::ApiKey& key) {
  fmt::print("API key     {}\nsecret      {}\n", key.id.str(), key.secret.reveal());
  fmt::print(stderr, "Keep the secret; it is not shown again.\n");
}

int run(const ServeCommand& command) {
  auto config = load_config(command.config);
  if (!config) return fail_with(config.error());
  config->take_over = command.take_over;
  log::configure(config->log.level, config->log.format);
  return serve(*config);
}

int run(const MigrateCommand& command) {
  const auto config = load_config(command.config);
  if (!config) return fail_with(config.error());
  std::error_code ignored;
  std::filesystem::create_directories(config->server.data_dir, ignored);
  const auto versions = storage::migrate_database(config->database.url, wall_now());
  if (!versions) return fail_with(versions.error());
  if (versions->from == versions->to) {
    fmt::print("The schema is up to date (version {}).\n", versions->to);
  } else {
    fmt::print("The schema went from version {} to {}.\n", versions->from, versions->to);
  }
  return 0;
}

int run(const ProjectCreateCommand& command) {
  return with_projects(command.config, [&](ProjectSession& session) {
    projects::NewProject request{.name = command.name.empty() ? command.id : command.name,
                                 .id = core::ProjectId{command.id}};
    const auto created = session.run(session.service().create(std::move(request), wall_now()));
    if (!created) return fail_with(created.error());
    const auto key = session.run(
        session.service().add_key({.project = created->id, .name = "First key"}, wall_now()));
    if (!key) return fail_with(key.error());
    fmt::print("project     {}\n", created->id.str());
    print_new_key(*key);
    return 0;
  });
}

int run(const ProjectListCommand& command) {
  return with_projects(command.config, [](ProjectSession& session) {
    const auto list = session.run(session.service().list());
    if (!list) return fail_with(list.error());
    for (const projects::Project& project : *list) {
      fmt::print("{:<32} {}  {}\n", project.id.str(), date_of(project.created_at), project.name);
    }
    return 0;
  });
}

int list_keys(ProjectSession& session, const core::ProjectId& project) {
  if (const auto known = session.run(session.service().get(project)); !known) {
    return fail_with(known.error());
  }
  const auto keys = session.run(session.service().keys(project));
  if (!keys) return fail_with(keys.error());
  for (const projects::ApiKey& key : *keys) {
    const std::string used = key.last_used_at ? "used " + date_of(*key.last_used_at) : "never used";
    const std::string state = key.revoked_at ? "revoked " + date_of(*key.revoked_at) : "active";
    fmt::print("{:<16} made {}  {:<16} {:<18} {}\n", key.id.str(), date_of(key.created_at), used,
               state, key.name);
  }
  return 0;
}

int run(const ProjectKeysCommand& command) {
  return with_projects(command.config, [&](ProjectSession& session) {
    const core::ProjectId project{command.project};
    switch (command.action) {
      case KeyAction::List: return list_keys(session, project);
      case KeyAction::Add: {
        const auto key = session.run(
            session.service().add_key({.project = project, .name = "Added key"}, wall_now()));
        if (!key) return fail_with(key.error());
        print_new_key(*key);
        return 0;
      }
      case KeyAction::Revoke: {
        const auto revoked = session.run(
            session.service().revoke_key(project, projects::ApiKeyId{command.key}, wall_now()));
        if (!revoked) return fail_with(revoked.error());
        fmt::print("{} is revoked.\n", command.key);
        return 0;
      }
    }
    std::unreachable();
  });
}

/// The claims as `video` spells them, so that the one parser of tokens judges them here too.
boost::json::object claims_of(const TokenCreateCommand& command) {
  boost::json::object video;
  if (!command.room.empty()) {
    video["room"] = command.room;
    video["roomJoin"] = true;
  }
  for (const std::string& grant : command.granted) video[grant] = true;
  for (const std::string& grant : command.denied) video[grant] = false;
  if (!command.sources.empty()) {
    video["canPublishSources"] = boost::json::array(command.sources.begin(), command.sources.end());
  }
  boost::json::object claims;
  if (!command.identity.empty()) claims["sub"] = command.identity;
  if (!command.name.empty()) claims["name"] = command.name;
  if (!command.metadata.empty()) claims["metadata"] = command.metadata;
  claims["video"] = std::move(video);
  return claims;
}

int print_token(const TokenCreateCommand& command, const projects::ApiKey& key) {
  const auto claims = api::livekit::parse_claims(claims_of(command));
  if (!claims) return fail_with(claims.error());
  fmt::print("{}\n",
             api::livekit::sign_token(*claims, key, {.from = wall_now(), .length = command.ttl}));
  return 0;
}

int run(const TokenCreateCommand& command) {
  const auto config = load_config(command.config);
  if (!config) return fail_with(config.error());
  if (config->dev && (command.key.empty() || command.key == kDemoKey)) {
    // The demo key needs no database: everybody knows its secret.
    return print_token(command, {.id = projects::ApiKeyId{kDemoKey},
                                 .project = core::ProjectId{kDemoProject},
                                 .name = {},
                                 .secret = Secret{std::string(kDemoSecret)}});
  }
  return with_projects(command.config, [&](ProjectSession& session) {
    if (const auto read = session.run(session.service().refresh()); !read) {
      return fail_with(read.error());
    }
    const projects::ApiKey* const key = session.service().find_key(projects::ApiKeyId{command.key});
    if (key == nullptr) {
      return fail_with({Errc::NotFound, "there is no active key " + command.key});
    }
    return print_token(command, *key);
  });
}

int run(const ConfigCommand& command) {
  const bool sample = command.format == ConfigFormat::Sample;
  fmt::print("{}", sample ? sample_config() : config_guide());
  return 0;
}

int run(const DoctorCommand& command) {
  const auto config = load_config(command.config);
  if (!config) return fail_with(config.error());
  log::configure(log::Level::Error, log::Format::Text);
  const doctor::Findings findings = doctor::examine(*config, wall_now());
  fmt::print("{}", command.json ? doctor::as_json(findings) : doctor::as_text(findings));
  return doctor::has_problems(findings) ? 1 : 0;
}

int run(const VersionCommand&) {
  fmt::print("visavis {}\n", kVersion);
  return 0;
}

int run(const HelpCommand& command) {
  fmt::print("{}", command.text);
  return 0;
}

}  // namespace

int execute(const Command& command) {
  return std::visit([](const auto& each) { return run(each); }, command);
}

}  // namespace vis::app
