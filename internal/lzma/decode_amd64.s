#include "textflag.h"
#include "go_asm.h"
#include "decode_amd64.h"

// func decodeFast(d *decoder, in *input, s *fastState)
TEXT ·decodeFast(SB), NOSPLIT, $88-24
	MOVQ d+0(FP), R10
	MOVQ in+8(FP), BX
	MOVQ s+16(FP), AX
	MOVQ (decoder_window+window_buf)(R10), CX
	MOVQ CX, buf-8(SP)
	MOVQ (decoder_window+window_w)(R10), DI
	ADDQ CX, DI
	ADDQ fastState_limit(AX), CX
	MOVQ CX, limit-64(SP)
	MOVQ (decoder_window+window_buf+8)(R10), CX
	MOVQ CX, bufLen-16(SP)
	MOVQ fastState_pos(AX), SI
	ADDQ BX, SI
	ADDQ fastState_stop(AX), BX
	MOVQ BX, stop-72(SP)
	MOVQ decoder_pbMask(R10), CX
	MOVQ CX, pbMask-24(SP)
	MOVQ decoder_literals(R10), CX
	MOVQ CX, literals-32(SP)

	// The bits of place and last byte that a literal depends on, if the byte is below the place.
	MOVBLZX decoder_lc(R10), CX
	MOVQ CX, lc-40(SP)
	MOVL decoder_lpMask(R10), BX
	INCL BX
	SHLL $8, BX
	MOVL $0x100, DX
	SHRL CX, DX
	SUBL DX, BX
	MOVL BX, literalMask-48(SP)

	MOVL decoder_rng(R10), R8
	MOVL decoder_code(R10), R9
	MOVL decoder_state(R10), R11
	MOVL decoder_rep0(R10), R12

next:
	CMPQ DI, limit-64(SP)
	JCC  goesOn
	CMPQ SI, stop-72(SP)
	JHI  goesOn
	MOVQ DI, R15
	SUBQ buf-8(SP), R15
	MOVL R15, DX
	ANDL pbMask-24(SP), DX
	MOVL R11, AX
	SHLL $4, AX
	ADDL AX, DX
	LEAQ (decoder_model+model_match)(R10)(DX*2), R13
	BOUND((R13))
	JCC  match
	ZERO((R13))
	MOVBLZX -1(DI), AX
	SHLL $8, R15
	ADDL AX, R15
	ANDL literalMask-48(SP), R15
	MOVL lc-40(SP), CX
	SHLL CX, R15
	LEAQ (R15)(R15*2), R15
	MOVQ literals-32(SP), R13
	LEAQ (R13)(R15*2), R13
	CMPL R11, $7
	JCC  behindMatch
	XORL CX, CX
	SUBL $3, R11
	CMOVLCS CX, R11
	ROOT
	BRANCH

left7:
	BRANCH

left6:
	BRANCH

left5:
	BRANCH

left4:
	BRANCH

left3:
	BRANCH

left2:
	BRANCH

left1:
	LEAF

left0:
	MOVB DX, (DI)
	INCQ DI
	JMP  next

behindMatch:
	BACK(CX)
	MOVBLZX (CX), R14
	LEAL -3(R11), AX
	LEAL -6(R11), BX
	CMPL R11, $10
	CMOVLCC BX, AX
	MOVL AX, R11
	MOVL $1, DX
	ALIKE(left7)
	ALIKE(left6)
	ALIKE(left5)
	ALIKE(left4)
	ALIKE(left3)
	ALIKE(left2)
	ALIKE(left1)
	ALIKE(left0)
	JMP  left0

match:
	ONE((R13))
	LEAQ (decoder_model+model_rep)(R10)(R11*2), R13
	BOUND((R13))
	JCC  repeated
	ZERO((R13))
	MOVL decoder_rep2(R10), AX
	MOVL AX, decoder_rep3(R10)
	MOVL decoder_rep1(R10), AX
	MOVL AX, decoder_rep2(R10)
	MOVL R12, decoder_rep1(R10)
	AFTER(7, 10)
	LEAQ (decoder_model+model_length)(R10), R13

length:
	BOUND(lengths_choice(R13))
	JCC  notLow
	ZERO(lengths_choice(R13))
	OFEIGHT(lengths_low)
	SUBL $(8-const_minMatch), DX

haveLength:
	MOVQ DX, n-80(SP)
	CMPL R11, $7
	JEQ  distance
	CMPL R11, $10
	JEQ  distance

copy:
	MOVQ n-80(SP), BX
	MOVQ DI, CX
	SUBQ buf-8(SP), CX
	LEAQ 1(R12), DX
	CMPQ DX, CX
	JHI  beyond
	MOVQ DI, CX
	SUBQ DX, CX // the match is BX bytes from CX
	CMPQ DX, $16
	JCS  near
	MOVOU (CX), X0
	MOVOU X0, (DI)
	CMPQ BX, $16
	JHI  long
	ADDQ BX, DI
	JMP  next

long:
	MOVQ DI, DX
	ADDQ BX, DI

longMore:
	ADDQ $16, CX
	ADDQ $16, DX
	MOVOU (CX), X0
	MOVOU X0, (DX)
	LEAQ 16(DX), BX
	CMPQ BX, DI
	JCS  longMore
	JMP  next

near:
	MOVQ DI, R14
	ADDQ BX, DI
	MOVL $8, BX
	CMPQ DX, $8
	CMOVQCC BX, DX
	CMPQ DX, $1
	JEQ  run

nearMore:
	MOVQ (CX), BX
	MOVQ BX, (R14)
	ADDQ DX, CX
	ADDQ DX, R14
	CMPQ R14, DI
	JCS  nearMore
	JMP  next

run:
	MOVBLZX (CX), BX
	MOVQ $0x0101010101010101, CX
	IMULQ CX, BX
	MOVQ BX, X0
	PUNPCKLQDQ X0, X0

runMore:
	MOVOU X0, (R14)
	ADDQ $16, R14
	CMPQ R14, DI
	JCS  runMore
	JMP  next

notLow:
	ONE(lengths_choice(R13))
	BOUND((lengths_choice+2)(R13))
	JCC  high
	ZERO((lengths_choice+2)(R13))
	OFEIGHT(lengths_mid)
	ADDL $const_minMatch, DX
	JMP  haveLength

high:
	ONE((lengths_choice+2)(R13))
	LEAQ lengths_high(R13), R13
	ROOT
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	LEAF
	SUBL $(0x100-16-const_minMatch), DX
	JMP  haveLength

distance:
	LEAL -const_minMatch(DX), AX
	MOVL $3, BX
	CMPL AX, BX
	CMOVLHI BX, AX
	SHLL $7, AX
	LEAQ (decoder_model+model_slot)(R10)(AX*1), R13
	ROOT
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	BRANCH
	LEAF
	SUBL $64, DX
	MOVL DX, R12
	CMPL DX, $4
	JCS  copy
	MOVL DX, CX
	SHRL $1, CX
	DECL CX // bits that are below the two highest
	ANDL $1, R12
	ORL  $2, R12
	MOVL R11, state-88(SP)
	MOVL $1, R11
	CMPL DX, $14
	JCC  far
	SHLL CX, R12
	MOVL R12, AX
	SUBL DX, AX
	LEAQ (decoder_model+model_special)(R10)(AX*2), R13
	MOVL $1, BX
	SHLL CX, BX
	MOVL BX, last-56(SP)
	ROOT

special:
	LOWBIT
	CMPL R11, last-56(SP)
	JNE  special
	MOVL state-88(SP), R11
	JMP  copy

far:
	SUBL $4, CX

farMore:
	NORMALISE
	SHRL $1, R8
	MOVL R9, BX
	SUBL R8, BX
	CMOVLCC BX, R9
	LEAL 1(R12)(R12*1), R12
	SBBL $0, R12
	DECL CX
	JNE  farMore
	SHLL $4, R12
	LEAQ (decoder_model+model_align)(R10), R13
	ROOT
	LOWBIT
	LOWBIT
	LOWBIT
	LOWBIT
	MOVL state-88(SP), R11
	CMPL R12, $0xffffffff
	JNE  copy
	MOVQ $const_markerRead, CX
	JMP  over

repeated:
	ONE((R13))
	LEAQ (decoder_model+model_rep0)(R10)(R11*2), R13
	BOUND((R13))
	JCC  notLast
	ZERO((R13))
	PLACE(DX)
	MOVL R11, AX
	SHLL $4, AX
	ADDL AX, DX
	LEAQ (decoder_model+model_rep0Long)(R10)(DX*2), R13
	BOUND((R13))
	JCC  longLast
	ZERO((R13))
	AFTER(9, 11)
	BACK(CX)
	MOVBLZX (CX), AX
	MOVB AX, (DI)
	INCQ DI
	JMP  next

longLast:
	ONE((R13))
	JMP repeatedLength

notLast:
	ONE((R13))
	MOVL decoder_rep1(R10), DX
	LEAQ (decoder_model+model_rep1)(R10)(R11*2), R13
	BOUND((R13))
	JCC  notSecond
	ZERO((R13))
	JMP  second

notSecond:
	ONE((R13))
	MOVL DX, R14
	MOVL decoder_rep2(R10), DX
	LEAQ (decoder_model+model_rep2)(R10)(R11*2), R13
	BOUND((R13))
	JCC  fourth
	ZERO((R13))
	JMP  third

fourth:
	ONE((R13))
	MOVL DX, R15
	MOVL decoder_rep3(R10), DX
	MOVL R15, decoder_rep3(R10)

third:
	MOVL R14, decoder_rep2(R10)

second:
	MOVL R12, decoder_rep1(R10)
	MOVL DX, R12

repeatedLength:
	AFTER(8, 11)
	LEAQ (decoder_model+model_repeated)(R10), R13
	JMP  length

beyond:
	MOVQ s+16(FP), AX
	MOVQ BX, fastState_n(AX)
	MOVQ $const_matchBeyond, CX
	JMP  over

corrupt:
	MOVQ $const_dataCorrupt, CX
	JMP  over

goesOn:
	MOVQ $const_fastOver, CX

over:
	MOVQ s+16(FP), AX
	MOVQ CX, fastState_outcome(AX)
	SUBQ in+8(FP), SI
	MOVQ SI, fastState_pos(AX)
	SUBQ buf-8(SP), DI
	MOVQ DI, (decoder_window+window_w)(R10)
	MOVL R8, decoder_rng(R10)
	MOVL R9, decoder_code(R10)
	MOVL R11, decoder_state(R10)
	MOVL R12, decoder_rep0(R10)
	RET
