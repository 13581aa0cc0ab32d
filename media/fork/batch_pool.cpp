#include "media/fork/batch_pool.hpp"

#include <atomic>
#include <new>

namespace callfork::fork {

/// Blocks of one size. Taking belongs to the shard; giving back to anybody, by
/// a list that only ever grows at its head until the shard takes it whole, so
/// that no block can come back under a reader's hands.
class batch_pool::store {
public:
  explicit store(std::size_t spare) noexcept
    : most_{spare} {
  }
  store(const store&) = delete;
  store& operator=(const store&) = delete;
  ~store() {
    discard(own_);
    discard(returned_.load());
  }

  [[nodiscard]] void* take(std::size_t size) {
    if (!own_)
      own_ = returned_.exchange(nullptr, std::memory_order_acquire);
    if (!own_)
      return ::operator new(size);
    count_.fetch_sub(1, std::memory_order_relaxed);
    auto* const result = own_;
    own_ = result->next;
    return result;
  }

  void give_back(void* block) noexcept {
    if (count_.load(std::memory_order_relaxed) >= most_) {
      ::operator delete(block);
      return;
    }
    count_.fetch_add(1, std::memory_order_relaxed);
    auto* const head = new (block) link{returned_.load()};
    while (!returned_.compare_exchange_weak(
      head->next, head, std::memory_order_release, std::memory_order_relaxed)) {
    }
  }

  [[nodiscard]] std::size_t spare() const noexcept {
    return count_.load(std::memory_order_relaxed);
  }

private:
  struct link {
    link* next;
  };

  static void discard(link* list) noexcept {
    while (list) {
      auto* const rest = list->next;
      ::operator delete(list);
      list = rest;
    }
  }

  std::size_t most_;
  link* own_ = nullptr;
  std::atomic<link*> returned_{nullptr};
  std::atomic<std::size_t> count_{0};
};

/// Lets `std::allocate_shared` put a batch and its count into one block. Each
/// block keeps the store alive.
template <class T>
struct batch_pool::allocator {
  using value_type = T;

  explicit allocator(std::shared_ptr<store> from) noexcept
    : blocks{std::move(from)} {
  }
  template <class Other>
  allocator(const allocator<Other>& other) noexcept
    : blocks{other.blocks} {
  }

  [[nodiscard]] T* allocate(std::size_t) {
    return static_cast<T*>(blocks->take(sizeof(T)));
  }
  void deallocate(T* block, std::size_t) noexcept {
    blocks->give_back(block);
  }
  friend bool operator==(const allocator&, const allocator&) = default;

  std::shared_ptr<store> blocks;
};

batch_pool::batch_pool(std::size_t spare)
  : store_{std::make_shared<store>(spare)} {
}

std::shared_ptr<batch> batch_pool::make() {
  return std::allocate_shared<batch>(allocator<batch>{store_});
}

std::size_t batch_pool::spare() const noexcept {
  return store_->spare();
}

} // namespace callfork::fork
