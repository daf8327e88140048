#include "textflag.h"

// SET takes the arguments of a search for a set: Y0 has the kinds of bytes by the lower half, Y1 by the upper one,
// Y2 what cuts off a half, Y3 zero.
#define SET \
	MOVQ content+0(FP), SI \
	MOVQ masks+8(FP), DI \
	MOVQ n+16(FP), CX \
	MOVQ halves+24(FP), R8 \
	VBROADCASTI128 (R8), Y0 \
	VBROADCASTI128 16(R8), Y1 \
	MOVL $0x0f0f0f0f, AX \
	VMOVD AX, X2 \
	VPBROADCASTD X2, Y2 \
	VPXOR Y3, Y3, Y3

// func masksAVX2(content *byte, masks *uint64, n int, halves *[2][16]uint8)
TEXT ·masksAVX2(SB), NOSPLIT, $0-32
	SET

block:
	VMOVDQU (SI), Y4
	VMOVDQU 32(SI), Y5
	VPSRLW $4, Y4, Y6
	VPSRLW $4, Y5, Y7
	VPAND Y2, Y4, Y4
	VPAND Y2, Y5, Y5
	VPAND Y2, Y6, Y6
	VPAND Y2, Y7, Y7
	VPSHUFB Y4, Y0, Y4
	VPSHUFB Y5, Y0, Y5
	VPSHUFB Y6, Y1, Y6
	VPSHUFB Y7, Y1, Y7
	VPAND Y6, Y4, Y4
	VPAND Y7, Y5, Y5
	VPCMPEQB Y3, Y4, Y4
	VPCMPEQB Y3, Y5, Y5
	VPMOVMSKB Y4, AX
	VPMOVMSKB Y5, BX
	SHLQ $32, BX
	ORQ BX, AX
	NOTQ AX
	MOVQ AX, (DI)
	ADDQ $64, SI
	ADDQ $8, DI
	DECQ CX
	JNZ block

	VZEROUPPER
	RET

// FOURS gives, in y, zero for each byte at an offset that is of the set; t is overwritten. A byte beyond ASCII has
// no lower half here, and one whose upper half no byte of the set has is of a kind that no lower half has.
#define FOURS(offset, y, t) \
	VMOVDQU offset(SI), y \
	VPSRLW $4, y, t \
	VPAND Y2, t, t \
	VPSHUFB y, Y0, y \
	VPSHUFB t, Y1, t \
	VPANDN t, y, y

// HALF gives, in a register, a bit for each four of 128 bytes at an offset. What is packed twice is zero if four bytes
// were; none has the highest bit.
#define HALF(offset, out) \
	FOURS(offset, Y5, Y9) \
	FOURS(offset+32, Y6, Y10) \
	FOURS(offset+64, Y7, Y11) \
	FOURS(offset+96, Y8, Y12) \
	VPACKSSWB Y6, Y5, Y5 \
	VPACKSSWB Y8, Y7, Y7 \
	VPACKSSWB Y7, Y5, Y5 \
	VPCMPEQB Y3, Y5, Y5 \
	VPERMD Y5, Y4, Y5 \
	VPMOVMSKB Y5, out

// The packing takes the halves of registers apart.
DATA together<>+0(SB)/4, $0
DATA together<>+4(SB)/4, $4
DATA together<>+8(SB)/4, $1
DATA together<>+12(SB)/4, $5
DATA together<>+16(SB)/4, $2
DATA together<>+20(SB)/4, $6
DATA together<>+24(SB)/4, $3
DATA together<>+28(SB)/4, $7
GLOBL together<>(SB), RODATA|NOPTR, $32

// func foursAVX2(content *byte, masks *uint64, n int, halves *[2][16]uint8)
TEXT ·foursAVX2(SB), NOSPLIT, $0-32
	SET
	VMOVDQU together<>(SB), Y4

fours:
	HALF(0, AX)
	HALF(128, BX)
	SHLQ $32, BX
	ORQ BX, AX
	MOVQ AX, (DI)
	ADDQ $256, SI
	ADDQ $8, DI
	DECQ CX
	JNZ fours

	VZEROUPPER
	RET

// ZEROS gives, in a register, a bit for each byte of 64 at an offset that is zero; t, u and DX are overwritten.
#define ZEROS(offset, out, t, u) \
	VPCMPEQB offset(SI), Y0, t \
	VPCMPEQB offset+32(SI), Y0, u \
	VPMOVMSKB t, out \
	VPMOVMSKB u, DX \
	SHLQ $32, DX \
	ORQ DX, out

// WIDE gives, in a register, a bit for each eight of 256 bytes at an offset whose zeros lie as in wide text: the halves
// of the eight are the same, and one that is found in the table.
#define WIDE(offset, out) \
	ZEROS(offset, AX, Y4, Y5) \
	ZEROS(offset+64, BX, Y6, Y7) \
	ZEROS(offset+128, R8, Y8, Y9) \
	ZEROS(offset+192, R9, Y10, Y11) \
	VMOVQ AX, X4 \
	VPINSRQ $1, BX, X4, X4 \
	VMOVQ R8, X5 \
	VPINSRQ $1, R9, X5, X5 \
	VINSERTI128 $1, X5, Y4, Y4 \
	VPSRLW $4, Y4, Y5 \
	VPAND Y2, Y4, Y4 \
	VPAND Y2, Y5, Y5 \
	VPCMPEQB Y4, Y5, Y5 \
	VPSHUFB Y4, Y1, Y4 \
	VPAND Y4, Y5, Y5 \
	VPMOVMSKB Y5, out

// By half an eight, its zeros as bits: 0101, 0111, and what these are when they are turned.
DATA halfEights<>+0(SB)/8, $0x8000800000000000
DATA halfEights<>+8(SB)/8, $0x0080800080800000
GLOBL halfEights<>(SB), RODATA|NOPTR, $16

// func wideAVX2(content *byte, masks *uint64, n int)
TEXT ·wideAVX2(SB), NOSPLIT, $0-24
	MOVQ content+0(FP), SI
	MOVQ masks+8(FP), DI
	MOVQ n+16(FP), CX
	VPXOR Y0, Y0, Y0
	VBROADCASTI128 halfEights<>(SB), Y1
	MOVL $0x0f0f0f0f, AX
	VMOVD AX, X2
	VPBROADCASTD X2, Y2

eights:
	WIDE(0, R10)
	WIDE(256, R11)
	SHLQ $32, R11
	ORQ R11, R10
	MOVQ R10, (DI)
	ADDQ $512, SI
	ADDQ $8, DI
	DECQ CX
	JNZ eights

	VZEROUPPER
	RET
