// SPDX-License-Identifier: BSD-3-Clause
//
// The supervisor's end of an applet's calls: JSON-RPC 1.0 as Go's net/rpc/jsonrpc speaks it.
// Ref: [JSON-RPC] JSON-RPC 1.0 Specification; [RFC 8259].
#pragma once
#include <array>
#include <span>
#include <string_view>
#include <type_traits>

#include "core/base/result.h"
#include "core/base/text.h"
#include "core/base/types.h"
#include "core/rpc/json.h"

namespace gotee::rpc {

/// What the methods may ask of the supervisor.
struct Actions {
  void* self = nullptr;
  /// Switches the LED called `name`, in lower case. Denied: the LED is the supervisor's own. NotFound: there
  /// is none of that name. May be null: then there are no LEDs.
  Result<> (*led)(void* self, std::string_view name, bool on) = nullptr;
};

/// Answers that wait to be read: whole lines, first in, first out.
class Answers {
 public:
  static constexpr u32 kCapacity = 4096;

  /// Adds to the answer being written; it cannot be read before commit().
  void put(std::string_view text);
  void put(char c) { put(std::string_view{&c, 1}); }
  /// Ends the answer. False, and nothing of it kept, when it did not fit.
  bool commit();
  /// Moves out up to out.size() of the oldest bytes; returns how many.
  std::size_t take(std::span<u8> out);
  std::size_t pending() const { return size_; }

 private:
  std::array<char, kCapacity> bytes_{};
  u32 head_ = 0;       // where the oldest byte is
  u32 size_ = 0;       // bytes of whole answers
  u32 draft_ = 0;      // bytes of the answer being written
  bool full_ = false;  // the answer being written did not fit
};

/// One applet's server. Offers RPC.Echo, params [string], which answers the string as it was written, and
/// RPC.LED, params [{"Name": string, "On": bool}], which answers false. Names of members match in any case,
/// the last of several counts, unknown ones are ignored. A request is one JSON object; white space before it
/// is skipped. Bytes that are no JSON are answered once, and skipped up to and including the next newline.
class Server {
 public:
  static constexpr std::size_t kMaxMethod = 64;    // bytes as written, without the quotes
  static constexpr std::size_t kMaxId = 32;        // bytes as written
  static constexpr std::size_t kMaxParams = 1024;  // bytes as written

  /// Takes request bytes, split anywhere, and answers each whole request at once. Never fails: what is wrong
  /// becomes an error answer. False when an answer did not fit in the queue: then nothing of it is there,
  /// though the request was carried out. Time is linear in the number of bytes.
  bool request(std::span<const u8> bytes, const Actions& actions);
  /// Moves up to out.size() bytes of pending answers into `out`; returns how many, 0 when there are none.
  std::size_t response(std::span<u8> out) { return answers_.take(out); }
  std::size_t pending() const { return answers_.pending(); }

 private:
  /// The raw text of one member, as far as it fits.
  template <std::size_t N>
  struct Capture {
    FixedText<N> text;
    bool too_long = false;

    void clear() { text.clear(), too_long = false; }
    void push(char c) { too_long = !text.push(c) || too_long; }
    std::string_view view() const { return text.view(); }
  };
  enum class Member : u8 { Other, Method, Id, Params };

  bool take(u8 byte, const Actions& actions);
  void capture(json::Part part, char c);
  void start_value();
  void forget();

  bool answer(const Actions& actions);
  bool call(const Actions& actions);
  bool echo();
  bool led(const Actions& actions);
  std::string_view id() const;
  bool has_scalar_id() const;
  bool succeed(std::string_view result);
  bool fail(std::string_view error, std::string_view detail = {});
  bool fail_unreadable();

  json::Scanner scanner_;
  json::Part part_ = json::Part::Blank;  // of the last byte
  bool skipping_ = false;                // to the end of the line
  Member member_ = Member::Other;        // whose value is being read
  Capture<40> name_;
  Capture<kMaxMethod + 2> method_;
  Capture<kMaxId> id_;
  Capture<kMaxParams> params_;
  Answers answers_;
};
static_assert(std::is_trivially_copyable_v<Server>);

}  // namespace gotee::rpc
