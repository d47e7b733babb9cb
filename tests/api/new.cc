// The operators new and delete: every form, on the library's heap; the new-handler loop; exceptions
// that go through the library's C, also under nothrow.
#include <cstdint>
#include <cstring>
#include <limits>
#include <new>
#include <string>
#include <vector>

#include "src/qedmalloc.h"
#include "tests/test.h"

#include <malloc.h>
#include <sys/resource.h>

static unsigned told;
static std::string last;

static void tell(const char *verdict, void *) {
    told++;
    last = verdict;
}

static bool was_told(const char *verdict) {
    bool right = told == 1 && last == verdict;
    told = 0;
    return right;
}

// The forms of delete under the names that compilers call them by: not every compiler calls the sized
// ones, and some warn of what is done here. Through pointers, so that no call is left out.
extern "C" {
void _ZdlPv(void *);
void _ZdaPv(void *);
void _ZdlPvRKSt9nothrow_t(void *, const std::nothrow_t &);
void _ZdaPvRKSt9nothrow_t(void *, const std::nothrow_t &);
void _ZdlPvm(void *, std::size_t);
void _ZdaPvm(void *, std::size_t);
void _ZdlPvSt11align_val_t(void *, std::size_t);
void _ZdaPvSt11align_val_t(void *, std::size_t);
void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *, std::size_t, const std::nothrow_t &);
void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *, std::size_t, const std::nothrow_t &);
void _ZdlPvmSt11align_val_t(void *, std::size_t, std::size_t);
void _ZdaPvmSt11align_val_t(void *, std::size_t, std::size_t);
}

static void (*volatile const plain[])(void *) = {_ZdlPv, _ZdaPv};
static void (*volatile const nothrow[])(void *, const std::nothrow_t &) = {_ZdlPvRKSt9nothrow_t,
                                                                           _ZdaPvRKSt9nothrow_t};
static void (*volatile const sized[])(void *, std::size_t) = {_ZdlPvm, _ZdaPvm};
static void (*volatile const aligned[])(void *, std::size_t) = {_ZdlPvSt11align_val_t, _ZdaPvSt11align_val_t};
static void (*volatile const aligned_nothrow[])(void *, std::size_t, const std::nothrow_t &) = {
    _ZdlPvSt11align_val_tRKSt9nothrow_t, _ZdaPvSt11align_val_tRKSt9nothrow_t};
static void (*volatile const sized_aligned[])(void *, std::size_t, std::size_t) = {_ZdlPvmSt11align_val_t,
                                                                                   _ZdaPvmSt11align_val_t};

static const std::size_t sizes[] = {0, 1, 15, 16, 100, 5000, 32768, 32769, 5000000};
static const std::size_t huge = std::numeric_limits<std::ptrdiff_t>::max();

static void check_block(void *p, std::size_t size, std::size_t align) {
    CHECK(p != nullptr);
    CHECK(reinterpret_cast<std::uintptr_t>(p) % align == 0);
    CHECK(malloc_usable_size(p) >= size);
    CHECK(told == 0);
    std::memset(p, 0xA5, size);
}

// Single and array forms of new.
static void *get(int array, std::size_t n) {
    return array ? ::operator new[](n) : ::operator new(n);
}

static void *get(int array, std::size_t n, std::align_val_t a) {
    return array ? ::operator new[](n, a) : ::operator new(n, a);
}

static void *get_nothrow(int array, std::size_t n) {
    return array ? ::operator new[](n, std::nothrow) : ::operator new(n, std::nothrow);
}

static void *get_nothrow(int array, std::size_t n, std::align_val_t a) {
    return array ? ::operator new[](n, a, std::nothrow) : ::operator new(n, a, std::nothrow);
}

static void all_forms(int array) {
    for (std::size_t n : sizes) {
        void *p = get(array, n);
        check_block(p, n, 16);
        plain[array](p);
        p = get(array, n);
        sized[array](p, n);
        p = get_nothrow(array, n);
        check_block(p, n, 16);
        nothrow[array](p, std::nothrow);
        for (std::size_t a = 1; a <= 65536; a *= 4) {
            p = get(array, n, std::align_val_t{a});
            check_block(p, n, a);
            aligned[array](p, a);
            p = get(array, n, std::align_val_t{a});
            sized_aligned[array](p, n, a);
            p = get_nothrow(array, n, std::align_val_t{a});
            check_block(p, n, a);
            aligned_nothrow[array](p, a, std::nothrow);
        }
    }
    CHECK(told == 0);
}

// That it is our heap that serves: every form of delete notices what is wrong, and frees what is right.
static void misuse(int array) {
    malloc_trim(0); // so that what is freed here stays dirty
    char *p = static_cast<char *>(get(array, 64));
    plain[array](p + 16);
    CHECK(was_told("interior"));
    nothrow[array](p + 16, std::nothrow);
    CHECK(was_told("interior"));
    sized[array](p, 65);
    CHECK(was_told("wrong-size"));
    aligned[array](p + 16, 16);
    CHECK(was_told("interior"));
    aligned_nothrow[array](p + 16, 16, std::nothrow);
    CHECK(was_told("interior"));
    sized_aligned[array](p, 65, 16);
    CHECK(was_told("wrong-size"));
    sized_aligned[array](p, 64, std::size_t{1} << 40);
    CHECK(was_told("wrong-align"));
    plain[array](p);
    CHECK(told == 0);
    plain[array](p);
    CHECK(was_told("double-free"));
    plain[array](nullptr);
    nothrow[array](nullptr, std::nothrow);
    sized[array](nullptr, 5);
    aligned[array](nullptr, 64);
    aligned_nothrow[array](nullptr, 64, std::nothrow);
    sized_aligned[array](nullptr, 5, 64);
    CHECK(told == 0);
}

template <class Form>
static bool throws_bad_alloc(Form form) {
    try {
        form();
    } catch (const std::bad_alloc &) {
        return true;
    }
    return false;
}

static volatile std::size_t giant = huge;  // so that no compiler sees it

// Calls f with each form of new that throws, for a request that cannot be served.
template <class F>
static void each_throwing(F f) {
    for (int array = 0; array < 2; array++) {
        f([array] { return get(array, giant); });
        f([array] { return get(array, giant, std::align_val_t{64}); });
    }
}

template <class F>
static void each_nothrow(F f) {
    for (int array = 0; array < 2; array++) {
        f([array] { return get_nothrow(array, giant); });
        f([array] { return get_nothrow(array, giant, std::align_val_t{64}); });
    }
}

static unsigned handled;

// Gives up at the third call.
static void give_up() {
    if (++handled % 3 == 0) std::set_new_handler(nullptr);
}

struct own_exception : std::bad_alloc {};

static void throw_own() {
    handled++;
    throw own_exception();
}

// The request becomes one that can be served: that needs a handler that gives memory back.
static void *hoard[1000];
static unsigned hoarded;

static void give_back() {
    handled++;
    CHECK(hoarded > 0);
    while (hoarded > 0) std::free(hoard[--hoarded]);
}

static void no_memory() {
    each_throwing([](auto form) { CHECK(throws_bad_alloc(form)); });
    each_nothrow([](auto form) { CHECK(form() == nullptr); });

    each_throwing([](auto form) {
        handled = 0;
        std::set_new_handler(give_up);
        CHECK(throws_bad_alloc(form));
        CHECK(handled == 3);
    });
    each_nothrow([](auto form) {
        handled = 0;
        std::set_new_handler(give_up);
        CHECK(form() == nullptr);
        CHECK(handled == 3);
    });

    std::set_new_handler(throw_own);
    each_throwing([](auto form) {
        handled = 0;
        bool caught = false;
        try {
            form();
        } catch (const own_exception &) {
            caught = true;
        }
        CHECK(caught && handled == 1);
    });
    each_nothrow([](auto form) {
        handled = 0;
        CHECK(form() == nullptr);
        CHECK(handled == 1);
    });
    std::set_new_handler(nullptr);
}

static void handler_finds_memory() {
    const std::size_t step = 1 << 20;
    const rlimit little = {64 << 20, RLIM_INFINITY};
    CHECK(setrlimit(RLIMIT_DATA, &little) == 0);
    while (hoarded < 1000 && (hoard[hoarded] = std::malloc(step)) != nullptr) hoarded++;
    CHECK(hoarded > 10 && hoarded < 1000);
    std::set_new_handler(give_back);
    for (int array = 0; array < 2; array++) {
        handled = 0;
        void *p = get(array, step);
        CHECK(p != nullptr && handled == 1 && hoarded == 0);
        sized[array](p, step);
        while ((hoard[hoarded] = std::malloc(step)) != nullptr) hoarded++;
    }
    give_back();
    std::set_new_handler(nullptr);
}

static void containers() {
    struct alignas(256) wide {
        char bytes[256];
    };
    std::vector<std::string> words;
    std::vector<wide> wides(100);
    for (int i = 0; i < 20000; i++) words.push_back(std::string(static_cast<std::size_t>(i % 100), 'x'));
    for (int i = 0; i < 20000; i++)
        CHECK(words[static_cast<std::size_t>(i)].size() == static_cast<std::size_t>(i % 100));
    CHECK(reinterpret_cast<std::uintptr_t>(wides.data()) % 256 == 0);
}

int main() {
    last.reserve(100);
    qed_set_misuse_hook(tell);
    for (int array = 0; array < 2; array++) {
        all_forms(array);
        misuse(array);
    }
    no_memory();
    handler_finds_memory();
    containers();
    CHECK(told == 0);
    CHECK(qed_check() == nullptr);
    return 0;
}
