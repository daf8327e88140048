#include "textflag.h"

// In registers all the time, the two streams' side by side:
//   X1 X2  X7 X8    the working variables, as SHA256RNDS2 wants them
//   X3-X6  X9-X12   the last 16 words of the message schedule
//   X14             how to reverse the bytes of words
//   SI     DI       the next byte of the input
// SHA256RNDS2 takes words from X0.

// LOAD gets 4 words of the input.
#define LOAD(at, M) \
	MOVOU at, M; \
	PSHUFB X14, M

// ROUNDS makes 4 rounds with the words M. It changes X0.
#define ROUNDS(i, ABEF, CDGH, M) \
	MOVO M, X0; \
	PADDD k<>+(16*i)(SB), X0; \
	SHA256RNDS2 X0, ABEF, CDGH; \
	PSHUFD $0x0e, X0, X0; \
	SHA256RNDS2 X0, CDGH, ABEF

// BEGIN begins the words that come 16 after PREV, the words before M.
#define BEGIN(M, PREV) \
	SHA256MSG1 M, PREV

// NEXT ends what BEGIN began of the words that come after M. It changes X13.
#define NEXT(M, PREV, AFTER) \
	MOVO M, X13; \
	PALIGNR $4, PREV, X13; \
	PADDD X13, AFTER; \
	SHA256MSG2 M, AFTER

// func chunks(x *variables, p *byte, y *variables, q *byte, n int)
TEXT ·chunks(SB), NOSPLIT, $64-40
	MOVQ x+0(FP), AX
	MOVQ p+8(FP), SI
	MOVQ y+16(FP), BX
	MOVQ q+24(FP), DI
	MOVQ n+32(FP), CX
	MOVOU 0(AX), X1
	MOVOU 16(AX), X2
	MOVOU 0(BX), X7
	MOVOU 16(BX), X8
	MOVOU reverse<>(SB), X14

chunk:
	MOVOU X1, 0(SP)
	MOVOU X2, 16(SP)
	MOVOU X7, 32(SP)
	MOVOU X8, 48(SP)
	LOAD(0(SI), X3)
	ROUNDS(0, X1, X2, X3)
	LOAD(0(DI), X9)
	ROUNDS(0, X7, X8, X9)
	LOAD(16(SI), X4)
	ROUNDS(1, X1, X2, X4)
	BEGIN(X4, X3)
	LOAD(16(DI), X10)
	ROUNDS(1, X7, X8, X10)
	BEGIN(X10, X9)
	LOAD(32(SI), X5)
	ROUNDS(2, X1, X2, X5)
	BEGIN(X5, X4)
	LOAD(32(DI), X11)
	ROUNDS(2, X7, X8, X11)
	BEGIN(X11, X10)
	LOAD(48(SI), X6)
	ROUNDS(3, X1, X2, X6)
	NEXT(X6, X5, X3)
	BEGIN(X6, X5)
	LOAD(48(DI), X12)
	ROUNDS(3, X7, X8, X12)
	NEXT(X12, X11, X9)
	BEGIN(X12, X11)
	ROUNDS(4, X1, X2, X3)
	NEXT(X3, X6, X4)
	BEGIN(X3, X6)
	ROUNDS(4, X7, X8, X9)
	NEXT(X9, X12, X10)
	BEGIN(X9, X12)
	ROUNDS(5, X1, X2, X4)
	NEXT(X4, X3, X5)
	BEGIN(X4, X3)
	ROUNDS(5, X7, X8, X10)
	NEXT(X10, X9, X11)
	BEGIN(X10, X9)
	ROUNDS(6, X1, X2, X5)
	NEXT(X5, X4, X6)
	BEGIN(X5, X4)
	ROUNDS(6, X7, X8, X11)
	NEXT(X11, X10, X12)
	BEGIN(X11, X10)
	ROUNDS(7, X1, X2, X6)
	NEXT(X6, X5, X3)
	BEGIN(X6, X5)
	ROUNDS(7, X7, X8, X12)
	NEXT(X12, X11, X9)
	BEGIN(X12, X11)
	ROUNDS(8, X1, X2, X3)
	NEXT(X3, X6, X4)
	BEGIN(X3, X6)
	ROUNDS(8, X7, X8, X9)
	NEXT(X9, X12, X10)
	BEGIN(X9, X12)
	ROUNDS(9, X1, X2, X4)
	NEXT(X4, X3, X5)
	BEGIN(X4, X3)
	ROUNDS(9, X7, X8, X10)
	NEXT(X10, X9, X11)
	BEGIN(X10, X9)
	ROUNDS(10, X1, X2, X5)
	NEXT(X5, X4, X6)
	BEGIN(X5, X4)
	ROUNDS(10, X7, X8, X11)
	NEXT(X11, X10, X12)
	BEGIN(X11, X10)
	ROUNDS(11, X1, X2, X6)
	NEXT(X6, X5, X3)
	BEGIN(X6, X5)
	ROUNDS(11, X7, X8, X12)
	NEXT(X12, X11, X9)
	BEGIN(X12, X11)
	ROUNDS(12, X1, X2, X3)
	NEXT(X3, X6, X4)
	BEGIN(X3, X6)
	ROUNDS(12, X7, X8, X9)
	NEXT(X9, X12, X10)
	BEGIN(X9, X12)
	ROUNDS(13, X1, X2, X4)
	NEXT(X4, X3, X5)
	ROUNDS(13, X7, X8, X10)
	NEXT(X10, X9, X11)
	ROUNDS(14, X1, X2, X5)
	NEXT(X5, X4, X6)
	ROUNDS(14, X7, X8, X11)
	NEXT(X11, X10, X12)
	ROUNDS(15, X1, X2, X6)
	ROUNDS(15, X7, X8, X12)

	MOVOU 0(SP), X0
	PADDD X0, X1
	MOVOU 16(SP), X0
	PADDD X0, X2
	MOVOU 32(SP), X0
	PADDD X0, X7
	MOVOU 48(SP), X0
	PADDD X0, X8
	ADDQ $64, SI
	ADDQ $64, DI
	DECQ CX
	JNZ chunk

	MOVOU X1, 0(AX)
	MOVOU X2, 16(AX)
	MOVOU X7, 0(BX)
	MOVOU X8, 16(BX)
	RET

// func hasSHA() bool
TEXT ·hasSHA(SB), NOSPLIT, $0-1
	MOVB $0, ret+0(FP)
	XORL AX, AX
	CPUID
	CMPL AX, $7
	JLT no
	MOVL $7, AX
	XORL CX, CX
	CPUID
	SHRL $29, BX
	ANDL $1, BX
	MOVB BX, ret+0(FP)
no:
	RET

DATA reverse<>+0(SB)/8, $0x0405060700010203
DATA reverse<>+8(SB)/8, $0x0c0d0e0f08090a0b
GLOBL reverse<>(SB), RODATA|NOPTR, $16

// The constants of FIPS 180-4: from the cube roots of the first 64 primes.
DATA k<>+0(SB)/8, $0x71374491428a2f98
DATA k<>+8(SB)/8, $0xe9b5dba5b5c0fbcf
DATA k<>+16(SB)/8, $0x59f111f13956c25b
DATA k<>+24(SB)/8, $0xab1c5ed5923f82a4
DATA k<>+32(SB)/8, $0x12835b01d807aa98
DATA k<>+40(SB)/8, $0x550c7dc3243185be
DATA k<>+48(SB)/8, $0x80deb1fe72be5d74
DATA k<>+56(SB)/8, $0xc19bf1749bdc06a7
DATA k<>+64(SB)/8, $0xefbe4786e49b69c1
DATA k<>+72(SB)/8, $0x240ca1cc0fc19dc6
DATA k<>+80(SB)/8, $0x4a7484aa2de92c6f
DATA k<>+88(SB)/8, $0x76f988da5cb0a9dc
DATA k<>+96(SB)/8, $0xa831c66d983e5152
DATA k<>+104(SB)/8, $0xbf597fc7b00327c8
DATA k<>+112(SB)/8, $0xd5a79147c6e00bf3
DATA k<>+120(SB)/8, $0x1429296706ca6351
DATA k<>+128(SB)/8, $0x2e1b213827b70a85
DATA k<>+136(SB)/8, $0x53380d134d2c6dfc
DATA k<>+144(SB)/8, $0x766a0abb650a7354
DATA k<>+152(SB)/8, $0x92722c8581c2c92e
DATA k<>+160(SB)/8, $0xa81a664ba2bfe8a1
DATA k<>+168(SB)/8, $0xc76c51a3c24b8b70
DATA k<>+176(SB)/8, $0xd6990624d192e819
DATA k<>+184(SB)/8, $0x106aa070f40e3585
DATA k<>+192(SB)/8, $0x1e376c0819a4c116
DATA k<>+200(SB)/8, $0x34b0bcb52748774c
DATA k<>+208(SB)/8, $0x4ed8aa4a391c0cb3
DATA k<>+216(SB)/8, $0x682e6ff35b9cca4f
DATA k<>+224(SB)/8, $0x78a5636f748f82ee
DATA k<>+232(SB)/8, $0x8cc7020884c87814
DATA k<>+240(SB)/8, $0xa4506ceb90befffa
DATA k<>+248(SB)/8, $0xc67178f2bef9a3f7
GLOBL k<>(SB), RODATA|NOPTR, $256
