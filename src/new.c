/* C++'s operators new and delete, under the names that the Itanium ABI gives them: the library needs
 * no C++ to build, and none to be there.
 *
 * The nothrow forms of new are the standard library's: those catch what ours throw, which
 * C cannot. To be compiled with -fexceptions: a new-handler may throw through here.
 */
#include "os.h"
#include "shell.h"

/* weak: a program that links the archive may have operators of its own. */
#define EXPORT __attribute__((visibility("default"), weak))

typedef void new_handler(void);

/* std::get_new_handler() and std::__throw_bad_alloc(), if the program has a C++ library. */
__attribute__((weak)) new_handler *_ZSt15get_new_handlerv(void);
__attribute__((weak)) _Noreturn void _ZSt17__throw_bad_allocv(void);

static _Noreturn void fail(void) {
    static const char words[] = "qedmalloc: operator new: no memory, and no C++ library to throw bad_alloc\n";
    if (_ZSt17__throw_bad_allocv != NULL) _ZSt17__throw_bad_allocv();
    os_write(words, sizeof words - 1);
    os_abort();
}

/* Asks the program's new-handler for more memory until there is enough, or no handler. */
static void *new_block(size_t size, size_t align) {
    void *p;
    while ((p = shell_alloc(size, align, NULL)) == NULL) {
        new_handler *handler = _ZSt15get_new_handlerv == NULL ? NULL : _ZSt15get_new_handlerv();
        if (handler == NULL) fail();
        handler();
    }
    return p;
}

static void delete_block(void *p) {
    shell_free(p, "delete");
}

static void delete_sized(void *p, size_t size, size_t align) {
    if (p != NULL) shell_free_sized(p, size, align, "delete");
}

/* m is size_t, Pv void *, St11align_val_t the alignment, RKSt9nothrow_t the tag std::nothrow. */

EXPORT void *_Znwm(size_t size) {
    return new_block(size, 1);
}

EXPORT void *_Znam(size_t size) {
    return new_block(size, 1);
}

EXPORT void *_ZnwmSt11align_val_t(size_t size, size_t align) {
    return new_block(size, align);
}

EXPORT void *_ZnamSt11align_val_t(size_t size, size_t align) {
    return new_block(size, align);
}

EXPORT void _ZdlPv(void *p) {
    delete_block(p);
}

EXPORT void _ZdaPv(void *p) {
    delete_block(p);
}

EXPORT void _ZdlPvRKSt9nothrow_t(void *p, const void *tag) {
    (void)tag;
    delete_block(p);
}

EXPORT void _ZdaPvRKSt9nothrow_t(void *p, const void *tag) {
    (void)tag;
    delete_block(p);
}

EXPORT void _ZdlPvm(void *p, size_t size) {
    delete_sized(p, size, 1);
}

EXPORT void _ZdaPvm(void *p, size_t size) {
    delete_sized(p, size, 1);
}

EXPORT void _ZdlPvSt11align_val_t(void *p, size_t align) {
    (void)align;
    delete_block(p);
}

EXPORT void _ZdaPvSt11align_val_t(void *p, size_t align) {
    (void)align;
    delete_block(p);
}

EXPORT void _ZdlPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const void *tag) {
    (void)align, (void)tag;
    delete_block(p);
}

EXPORT void _ZdaPvSt11align_val_tRKSt9nothrow_t(void *p, size_t align, const void *tag) {
    (void)align, (void)tag;
    delete_block(p);
}

EXPORT void _ZdlPvmSt11align_val_t(void *p, size_t size, size_t align) {
    delete_sized(p, size, align);
}

EXPORT void _ZdaPvmSt11align_val_t(void *p, size_t size, size_t align) {
    delete_sized(p, size, align);
}
