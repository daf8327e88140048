#include "textflag.h"

// func lookupAVX2(text *byte, size int, seen *[1 << packedBits]uint8, halves *nibbles, found *uint32) (n int)
//
// R10 counts the blocks that have a candidate; each block is written behind them, and stays if it counts.
TEXT ·lookupAVX2(SB), NOSPLIT, $64-48
	MOVQ text+0(FP), SI
	MOVQ size+8(FP), CX
	MOVQ seen+16(FP), DI
	MOVQ halves+24(FP), R8
	MOVQ found+32(FP), R9
	XORQ R10, R10
	XORQ R11, R11

	// For each window, four bytes: the first three packed to six bits, the fourth left out.
	MOVL $0x001f1f1f, AX
	VMOVD AX, X0
	VPBROADCASTD X0, Y0
	MOVL $0x00202020, AX
	VMOVD AX, X1
	VPBROADCASTD X1, Y1
	MOVL $0x00014001, AX // 1, 1<<6, 1
	VMOVD AX, X2
	VPBROADCASTD X2, Y2
	MOVL $0x10000001, AX // 1, 1<<12
	VMOVD AX, X3
	VPBROADCASTD X3, Y3

	VMOVDQU (R8), X8    // by the lower half of a byte
	VMOVDQU 16(R8), X9  // by the upper half
	MOVL $0x00ff00ff, AX
	VMOVD AX, X10
	VPBROADCASTD X10, Y10
	MOVL $0x0f0f0f0f, AX
	VMOVD AX, X11
	VPBROADCASTD X11, Y11
	VPXOR X12, X12, X12

#define PACK(y, t) \
	VPAND Y0, y, t \
	VPSRLW $1, y, y \
	VPAND Y1, y, y \
	VPOR t, y, y \
	VPMADDUBSW Y2, y, y \
	VPMADDWD Y3, y, y

#define PLACE(n, packed, r, x) \
	MOVL packed(SP), r \
	VPINSRB $n, (DI)(r*1), x, x

loop:
	VMOVDQU (SI), Y4
	VMOVDQU 2(SI), Y5
	VMOVDQU 3(SI), Y6
	PACK(Y4, Y7)
	VMOVDQU Y4, 0(SP)
	PACK(Y5, Y7)
	VMOVDQU Y5, 32(SP)

	// What may stand behind each window.
	VPAND Y10, Y6, Y6
	VEXTRACTI128 $1, Y6, X7
	VPACKUSWB X7, X6, X6
	VPSRLW $4, X6, X7
	VPAND X11, X6, X6
	VPAND X11, X7, X7
	VPSHUFB X6, X8, X6
	VPSHUFB X7, X9, X7
	VPAND X6, X7, X6

	MOVL 0(SP), AX
	MOVBLZX (DI)(AX*1), AX
	VMOVD AX, X13
	MOVL 16(SP), BX
	MOVBLZX (DI)(BX*1), BX
	VMOVD BX, X14
	PLACE(1, 32, DX, X13)
	PLACE(1, 48, R12, X14)
	PLACE(2, 4, AX, X13)
	PLACE(2, 20, BX, X14)
	PLACE(3, 36, DX, X13)
	PLACE(3, 52, R12, X14)
	PLACE(4, 8, AX, X13)
	PLACE(4, 24, BX, X14)
	PLACE(5, 40, DX, X13)
	PLACE(5, 56, R12, X14)
	PLACE(6, 12, AX, X13)
	PLACE(6, 28, BX, X14)
	PLACE(7, 44, DX, X13)
	PLACE(7, 60, R12, X14)
	VPUNPCKLQDQ X14, X13, X13

	VPAND X6, X13, X13
	VPCMPEQB X12, X13, X13
	VPMOVMSKB X13, AX
	XORL $0xffff, AX
	MOVL AX, BX
	ORL R11, AX
	MOVL AX, (R9)(R10*4)
	ADDL $(32<<16), R11
	NEGL BX
	ADCQ $0, R10
	ADDQ $32, SI
	SUBQ $32, CX
	JNZ loop

	VZEROUPPER
	MOVQ R10, n+40(FP)
	RET

// func wordBlocksAVX2(text *byte, size int) (n int)
TEXT ·wordBlocksAVX2(SB), NOSPLIT, $0-24
	MOVQ text+0(FP), SI
	MOVQ size+8(FP), CX
	XORQ R10, R10
	MOVL $0x2f2f2f2f, AX // '0'-1; bytes from 0x80 on are less, being negative
	VMOVD AX, X0
	VPBROADCASTD X0, Y0

words:
	VMOVDQU (SI), Y1
	VPCMPGTB Y0, Y1, Y1
	VPMOVMSKB Y1, AX
	MOVWLZX AX, BX
	CMPL BX, $0xffff
	JEQ found
	INCQ R10
	CMPL AX, $0xffff0000
	JCC found
	INCQ R10
	ADDQ $32, SI
	SUBQ $32, CX
	JNZ words

found:
	VZEROUPPER
	MOVQ R10, n+16(FP)
	RET
